/** What the database refuses on purpose, by SQLSTATE, as answers: the constraints and triggers of `migrations/` that callers can run into. */
import { Problem } from '../domain/problem.js';

/** Anything that is not here is a fault of ours. */
export const DATABASE_REFUSALS: Record<string, (constraint: string | undefined) => Problem> = {
  '23505': (constraint) => {
    // An id that the caller chose and that was not there a moment ago: the same is being sent twice at once.
    if (constraint?.endsWith('_pkey')) return tryAgain();
    if (constraint === 'one_enrolment_per_client') {
      return Problem.conflict('client-already-enrolled', 'This client is enrolled already.', 'client');
    }
    if (constraint === 'case_note_corrected_once') {
      return Problem.conflict(
        'note-corrected-before',
        'This note was corrected before. Correct the note that took its place.',
        'corrects',
      );
    }
    if (constraint === 'wage_rate_country_region_sector_effective_from_known_from_key') {
      return Problem.conflict(
        'wage-known-today',
        'Another wage of that place and sector, from that day, was confirmed today. The later word counts: confirm this one tomorrow.',
        'effectiveFrom',
      );
    }
    return Problem.conflict(constraint ? constraint.replaceAll('_', '-') : 'already-there', 'This is already there.');
  },
  '40001': tryAgain,
  '40P01': tryAgain,
  UCT10: () =>
    Problem.refused(
      'roles-must-not-meet',
      'These roles must not meet in one person: who enrols, who pays, who checks and who administers are different people.',
      'roles',
    ),
  UCT41: () =>
    Problem.conflict(
      'consent-withdrawn',
      'The client does not consent to data being held. Nothing was written.',
      'code',
    ),
  UCT42: () =>
    Problem.conflict(
      'safe-contact-rules-changed',
      'The rules of safe contact were changed since they were shown. Read them as they are now.',
      'rulesVersion',
    ),
  UCT13: () =>
    Problem.conflict(
      'identification-changed',
      'Somebody recorded another version since this was opened. Read it as it is now, and record what is still missing.',
      'replaces',
    ),
  UCT43: () =>
    Problem.conflict('no-consent-to-be-contacted', 'The client does not consent to being contacted.', 'direction'),
  UCT44: () => Problem.conflict('consent-withdrawn', 'The client may not be paid in that way any more.', 'client'),
  UCT45: () =>
    Problem.refused(
      'not-assignable',
      'Clients are assigned to caseworkers and supervisors of your team.',
      'caseworker',
    ),
  UCT47: () =>
    Problem.conflict(
      'approver-registered-client',
      'Whoever registered a client does not approve what is owed to them. Another supervisor does.',
    ),
  UCT46: () =>
    Problem.conflict('too-many-emergencies', 'You have five emergency accesses open. Wait until one has ended.'),
  UCT17: () =>
    Problem.conflict(
      'enrolled-under-another-code',
      'A supervisor decided that this person is registered twice, and they are enrolled under the other code: three transfers are owed, and there is no fourth.',
      'client',
    ),
  UCT23: () =>
    Problem.refused(
      'last-administrator',
      'This is the last administrator. Make somebody else one first, or nobody could let anybody in.',
    ),
  UCT24: tryAgain,
  UCT25: () =>
    Problem.conflict(
      'confirm-other-person-needed',
      'Who did it cannot confirm it, nor whom it was done to, nor anybody who awaits confirmation. Another administrator confirms, or the operator.',
      'awaited',
    ),
  UCT26: () =>
    new Problem(
      403,
      'account-awaits-confirmation',
      'A second administrator has to confirm first that it is really you.',
    ),
  UCT92: () =>
    Problem.conflict(
      'value-changed-meanwhile',
      'What these transfers are worth changed since this was proposed. Decline it and propose it again.',
    ),
  UCT93: () =>
    Problem.conflict(
      'payment-under-way',
      'A transfer of this enrolment is in a run or on its way. Wait for its result, or have the run sent back.',
    ),
  UCT96: () => Problem.conflict('given-up', 'This transfer was given up and is not paid any more.'),
  UCT16: () => Problem.notFound('client', 'code'), // they were erased
  UCT61: tryAgain,
  UCT74: () => Problem.conflict('work-item-settled', 'That was settled before.'),
  UCT75: () =>
    Problem.refused(
      'resolution-not-possible',
      'A line that the bank booked moved money, and only such a line did; a payment and a lot have its amount; an entry is on the statement once.',
      'resolution',
    ),
  UCT62: () =>
    Problem.conflict(
      'country-of-enrolment',
      'The client is enrolled in this country. Cancel the enrolment first, and propose it again where they live.',
      'country',
    ),
  UCT71: () => Problem.conflict('second-person-needed', 'Two people have to tell this of a payment before it counts.'),
  UCT72: () =>
    Problem.refused('owner-not-possible', 'A payment that is unknown is given to somebody of finance.', 'owner'),
  UCT04: () => Problem.conflict('run-not-approved', 'The run needs more approvals than it has.', 'signatures'),
  UCT73: tryAgain, // whoever instructs looks again, and takes it out of the run
  UCT64: () =>
    Problem.refused('payee-missing', 'The client has no payee on record that can be paid in this way.', 'client'),
  UCT65: tryAgain,
  UCT66: () =>
    Problem.conflict(
      'file-was-taken',
      'The file with this payment was taken, so it may have reached the bank. Only the bank can say now that it did not pay.',
      'code',
    ),
  UCT67: () =>
    Problem.conflict(
      'file-cannot-be-made-again',
      'What became of a payment in this file is known already, it was stopped, or somebody in it may not be paid any more. The file is not handed out.',
    ),
  UCT94: () =>
    Problem.conflict(
      'file-left',
      'Somebody took this file, or what became of a payment in it was told, so it may have reached the bank. It cannot be abandoned.',
    ),
  UCT95: () =>
    Problem.conflict('file-abandoned', 'This file was abandoned. Take the one that was made after it, or make it.'),
  UCT30: () =>
    Problem.conflict(
      'rate-not-confirmed',
      'Somebody else has to confirm this rate before anything is changed at it.',
      'rate',
    ),
  UCT31: () => Problem.conflict('other-person-needed', 'You recorded this rate. Somebody else confirms it.'),
  UCT98: () =>
    Problem.conflict('other-person-needed', 'You recorded this rate. Somebody else confirms that it is struck out.'),
  UCT99: () =>
    Problem.conflict(
      'rate-struck-out',
      'Two people struck this rate out. Choose the one that was recorded after it.',
      'rate',
    ),
  UCT81: () => Problem.conflict('voucher-not-issuable', 'A voucher is issued for a payment in cash that is under way.'),
  UCT82: () =>
    Problem.conflict('cash-elsewhere', 'The cash of this voucher is not where it would be taken from. Look again.'),
  UCT83: () =>
    Problem.refused(
      'cash-holder-signed-run',
      'Who prepared, approved or released a run neither carries its cash nor says that it arrived. Choose somebody else.',
      'holder',
    ),
  UCT84: () => Problem.refused('not-a-cash-holder', 'Choose a caseworker or supervisor who may sign in.', 'holder'),
  UCT85: () => Problem.refused('other-person-needed', 'Two people say so, and these are not the two.'),
  UCT86: () =>
    Problem.conflict('comes-by-voucher', 'This payment has a voucher. What became of its cash is told by the voucher.'),
  UCT89: () =>
    Problem.conflict('payment-stopped', 'This payment is stopped: its cash stays in the till, or comes back to it.'),
  UCT88: () =>
    Problem.conflict(
      'books-moved',
      'Cash moved while it was counted. Look at what the books say now, and count again.',
      'books',
    ),
  UCT78: () =>
    Problem.conflict(
      'not-reversible',
      'Only what an operator paid, and was not asked for before, can be taken back.',
      'attempt',
    ),
  UCT79: () =>
    Problem.conflict(
      'reissue-other-person-needed',
      'You alone told that this payment did not arrive. Somebody else puts it back to be paid.',
    ),
  UCT97: () =>
    Problem.conflict(
      'was-not-sent',
      'This payment has not left yet, so nobody can know how it ended. That it was not sent can be told.',
      'results',
    ),
  UCT77: () =>
    Problem.conflict(
      'was-sent',
      'This payment was sent to the operator. That it failed is told by the operator, or by two people who resolve it.',
      'results',
    ),
  UCT70: () =>
    Problem.conflict(
      'run-refused-before',
      'This run was asked for before and could not be prepared. Use a new id.',
      'id',
    ),
  '22P02': () => Problem.malformed('id-malformed', 'That is not an id of this service.'),
  '22021': () => Problem.malformed('text-malformed', 'A text holds a character that cannot be stored.'),
  '22P05': () => Problem.malformed('text-malformed', 'A text holds a character that cannot be stored.'),
};

function tryAgain(): Problem {
  return Problem.conflict('try-again', 'Somebody else changed this at the same moment. Try again.');
}
