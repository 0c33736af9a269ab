/** Plain words for what the audit trail calls acts, subjects and details. */
import { localeOf, msgs, speaking, t } from './languages/language.js';

const ACTS: Record<string, string> = msgs({
  'access.refuse': 'Was refused',
  'assessment.read': 'Read a needs assessment',
  'assessment.record': 'Recorded a needs assessment',
  'approval-limits.confirm': 'Put in force how many approve',
  'approval-limits.propose': 'Proposed how many approve',
  'audit.read': 'Read the audit trail',
  'audit.verify': 'Verified the audit trail',
  'bank-file.abandon': 'Abandoned a file for the bank that nobody took',
  'bank-file.differ': 'Found a file for the bank not to be the one that was made',
  'bank-file.leave-out': 'Left payments out of a file for the bank',
  'bank-file.make': 'Made a file for the bank',
  'bank-file.take': 'Took a file for the bank',
  'cash.acknowledge': 'Acknowledged that a client has their cash',
  'cash.confirm-count': 'Confirmed a count of cash',
  'cash.count': 'Counted cash',
  'cash.give-back': 'Brought back cash that a client gave back',
  'cash.hand-in': 'Brought cash back to the till',
  'cash.hand-out': 'Offered cash to whoever carries it',
  'cash.hand-over': 'Said that a client has their cash',
  'cash.issue': 'Issued vouchers of a run',
  'cash.not-collected': 'Noted that a client did not collect cash',
  'cash.receive': 'Took cash to carry it',
  'cash.take-back': 'Took in cash that a client gave back',
  'cash.take-in': 'Took cash back into the till',
  'bank-report.end': 'Read a bank report to its end',
  'bank-report.import': 'Imported a bank report',
  'bank-report.level': 'Applied what a bank report says of a whole file',
  'bank-report.take': 'Took in lines of a bank report',
  'client.assign': 'Assigned a client',
  'client.correct': 'Corrected a case file',
  'client.erase': 'Erased a client',
  'client.erase-subject': 'Erased what ties payments to a client',
  'client.export': 'Took out everything held of a client',
  'client.read': 'Read a case file',
  'client.refresh-age': 'Brought an age up to the day',
  'client.refuse': 'Was refused a client',
  'client.register': 'Registered a client',
  'consent.give': 'Recorded a consent',
  'consent.withdraw': 'Withdrew a consent',
  'contact.read': 'Read contacts with a client',
  'contact.record': 'Recorded a contact',
  'donor-report.make': 'Made a donor report',
  'donor-report.refuse': 'Was refused a donor report',
  'duplicate.decide': 'Decided whether two are one person',
  'duplicate.find': 'Looked for a person registered twice',
  'emergency.open': 'Opened an emergency access',
  'emergency.read': 'Read what was said to an emergency access',
  'emergency.see': 'Looked at an emergency access',
  'emergency.wrong-code': 'Tried a wrong code for an emergency access',
  'enrolment.approve': 'Approved an enrolment',
  'enrolment.cancel': 'Cancelled an enrolment',
  'enrolment.propose': 'Proposed an enrolment',
  'enrolment-change.approve': 'Approved a change of an enrolment',
  'enrolment-change.decline': 'Declined a change of an enrolment',
  'enrolment-change.propose': 'Proposed a change of an enrolment',
  'exchange-rate.doubt': 'Asked that an exchange rate be struck out',
  'exchange-rate.record': 'Recorded an exchange rate',
  'exchange-rate.strike-out': 'Struck out an exchange rate',
  'fund.confirm-policy': 'Confirmed what a fund does when wages rise',
  'fund.decline-policy': 'Declined what a fund was to do when wages rise',
  'fund.withdraw-policy': 'Withdrew what a fund was to do when wages rise',
  'fund.close-period': 'Closed a fund’s quarter',
  'fund.exchange': 'Exchanged money of a fund',
  'fund.open': 'Opened a fund',
  'fund.open-accounts': 'Opened accounts of a fund',
  'fund.propose-policy': 'Proposed what a fund does when wages rise',
  'fund.receive-grant': 'Received a grant',
  'fund.reverse-grant': 'Reversed a grant',
  'identification.read': 'Read how a client was identified',
  'identification.record': 'Recorded how a client was identified',
  'identity.correct': 'Corrected who a client is',
  'identity.read': 'Read who a client is',
  'keys.back-up': 'Backed up the keys',
  'keys.reseal-root': 'Sealed the root secret anew',
  'keys.restore': 'Restored keys from a backup',
  'keys.rotate': 'Changed the keys',
  'ledger.verify': 'Verified the ledger',
  'log.publish': 'Published the log',
  'paying-account.open': 'Opened an account that payments leave from',
  'paying-account.tie-fund': 'Said from which account a fund’s payments leave',
  'paying-account.balance': 'Typed in the balance of a statement',
  'payee.read': 'Read whom to pay',
  'person-index.rebuild': 'Made the index of persons again',
  'plan.read': 'Read a spending plan',
  'plan.track': 'Recorded what a plan came to',
  'plan.write': 'Wrote a spending plan',
  'report.export': 'Took a report out as a file',
  'run.ask': 'Asked for a run to be prepared',
  'run.not-prepared': 'Could not prepare a run that was asked for',
  'run.approve': 'Approved a run',
  'run.instruct': 'Instructed payments of a run',
  'run.prepare': 'Prepared a run',
  'run.release': 'Released a run',
  'run.results': 'Recorded results of a run',
  'run.send-back': 'Sent a run back',
  'rail-message.receive': 'Was told something by an operator',
  'safe-contact.change': 'Changed the rules of safe contact',
  'safe-contact.read': 'Read the rules of safe contact',
  'self-check.run': 'Ran the self-check',
  'session.fail': 'Failed to sign in',
  'session.lock-out': 'Was locked out',
  'session.revoke': 'Ended a session',
  'session.second-factor': 'Gave the second factor',
  'session.sign-in': 'Signed in',
  'session.sign-out': 'Signed out',
  'team.open': 'Opened a team',
  'transfer.ask-reversal': 'Confirmed that an operator is asked to take a payment back',
  'transfer.dispatch': 'Sent a payment to an operator',
  'transfer.end-hold': 'Ended the hold of a transfer',
  'transfer.give-up': 'Gave up a transfer that will not be paid',
  'transfer.hold': 'Held a transfer',
  'transfer.late-success': 'Learnt of a late payment',
  'transfer.lift-stop': 'Ended that a payment was stopped',
  'transfer.leave-run': 'Took a transfer out of a released run',
  'transfer.not-sent': 'Did not send a payment',
  'transfer.payee-unreadable': 'Could not read whom a payment goes to',
  'transfer.propose-reversal': 'Asked that a payment be taken back',
  'transfer.rail-evidence': 'Learnt of a payment from an operator',
  'transfer.refuse': 'Was refused a transfer',
  'transfer.reissue': 'Put a transfer back to be paid',
  'transfer.stop': 'Stopped a payment that was on its way, or held one that did not arrive',
  'transfer.unknown-alert': 'Raised that a payment has been unknown for a day',
  'transfer.unknown-owner': 'Gave an unknown payment to somebody',
  'transfer.unknown': 'Noted that a transfer’s outcome is unknown',
  'user.own-accounts': 'Said where they are paid themselves',
  'user.accept-invitation': 'Accepted an invitation',
  'user.bind-identity': 'Bound a user to the organisation’s account',
  'user.change-password': 'Changed a password',
  'user.choose-language': 'Chose a language',
  'user.confirm': 'Confirmed who a user is',
  'user.create': 'Made a user',
  'user.disable': 'Disabled a user',
  'user.enable': 'Enabled a user',
  'user.invite': 'Invited a user',
  'user.join-donor': 'Made a user a donor’s',
  'user.lift-lock-out': 'Lifted a lock-out',
  'user.make-link': 'Made a link that works once',
  'user.make-recovery-codes': 'Made recovery codes',
  'user.make-token': 'Made a token for a machine',
  'user.move': 'Moved a user to another team',
  'user.offer-second-factor': 'Was shown a new second factor',
  'user.reset-password': 'Set a new password by a link',
  'user.reset-second-factor': 'Reset a second factor',
  'user.revoke-token': 'Revoked a token',
  'user.set-roles': 'Changed the roles of a user',
  'user.set-second-factor': 'Set up a second factor',
  'user.unbind-identity': 'Unbound a user from the organisation’s account',
  'work-item.resolve': 'Said what a line of a bank report is',
  'value-review.approve': 'Approved a value review',
  'value-review.decline': 'Declined a value review',
  'value-review.propose': 'Proposed a value review',
  'wage.confirm': 'Confirmed a minimum wage',
  'wage.decline': 'Declined a minimum wage',
  'wage.propose': 'Proposed a minimum wage',
});

const SUBJECTS: Record<string, string> = msgs({
  'approval-limits': 'number of approvals',
  'audit-trail': 'audit trail',
  'bank-file': 'file for the bank',
  'paying-account': 'paying account',
  'audit-verification': 'verification of the audit trail',
  'bank-report': 'bank report',
  'donor-report': 'donor report',
  'enrolment-change': 'change of an enrolment',
  'exchange-rate': 'exchange rate',
  'rail-message': 'message of an operator',
  'self-check': 'self-check',
  'work-item': 'line on the work list',
  assessment: 'needs assessment',
  plan: 'spending plan',
  'value-review': 'value review',
  wage: 'minimum wage',
  verification: 'verification of the ledger',
});

/** The acts that the filter offers, in the order of their words. */
export function actsByWords(): { act: string; words: string }[] {
  return Object.entries(ACTS)
    .map(([act, words]) => ({ act, words: t(words) }))
    .sort((a, b) => a.words.localeCompare(b.words, localeOf(speaking().language)));
}

/** "identity.read" gives "Read who a client is"; an act without words of its own is told as it is. */
export function actWords(act: string): string {
  return ACTS[act] ? t(ACTS[act]) : act;
}

export function subjectWords(kind: string): string {
  return SUBJECTS[kind] ? t(SUBJECTS[kind]) : kind;
}

/** What else an event says, as one line: { purpose: "be-paid" } gives "purpose: be-paid". */
export function auditDetail(detail: Record<string, unknown>): string {
  return Object.entries(detail)
    .map(([key, value]) => `${key}: ${plain(value)}`)
    .join('; ');
}

function plain(value: unknown): string {
  if (value === true) return t('yes');
  if (value === false) return t('no');
  if (Array.isArray(value)) return value.map(plain).join(', ') || t('none');
  if (typeof value === 'object' && value !== null)
    return Object.entries(value)
      .map(([key, inner]) => `${key} ${plain(inner)}`)
      .join(', ');
  return String(value);
}
