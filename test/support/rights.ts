/**
 * Who may do what with each table, view, sequence and function of ours: decided here, table by table, and compared with the database as it
 * is. What a migration adds is named here or a test fails. Nobody else may anything.
 */

/** `changeable`: by whom it says. `append-only`: by nobody, the owner and the superuser included. */
export type Kept = 'append-only' | 'changeable';

/** Columns are named where not all of them are meant. */
export interface May {
  select?: 'all' | readonly string[];
  insert?: true;
  update?: readonly string[];
  delete?: true;
}

export interface TableRights {
  kept: Kept;
  /** What of an append-only table can be emptied or go, by a trigger of its own, of what was asked to be erased. */
  erasable?: string;
  /** Belongs to whoever migrates, not to the owner of all else. */
  ofTheMigrator?: true;
  service: May;
  /** The role that donor reports are made as. */
  reports: May;
}

const nothing: May = {};
const reads: May = { select: 'all' };
const appends: May = { select: 'all', insert: true };
const readsOnly = (...columns: string[]): May => ({ select: columns });
const appendsAndChanges = (...columns: string[]): May => ({ ...appends, update: columns });

const table =
  (kept: Kept) =>
  (service: May, reports: May = nothing): TableRights => ({ kept, service, reports });
const appendOnly = table('append-only');
const changeable = table('changeable');

export const TABLES: Readonly<Record<string, TableRights>> = {
  // Written by triggers: what an administrator did that another one has to confirm.
  'access.account_confirmation': changeable({ ...reads, update: ['confirmed_at', 'confirmed_by'] }),
  'access.answered_openid_request': changeable({ ...appends, delete: true }),
  'access.app_user': changeable(appendsAndChanges('disabled_at', 'display_name', 'language', 'password_hash')),
  'access.audit_event': appendOnly(appends),
  // Written by the function that chains.
  'access.audit_link': appendOnly(reads),
  'access.audit_unchained': changeable(reads),
  'access.audit_verification': appendOnly(appends),
  'access.external_identity': changeable(appends),
  'access.idempotent_answer': { ...appendOnly(appends), erasable: 'rows' },
  'access.master_key_check': appendOnly(reads),
  'access.role_conflict': appendOnly(reads),
  'access.root_secret': changeable(appendsAndChanges('sealed')),
  'access.machine_token': changeable(appendsAndChanges('last_used_at', 'revoked_at')),
  'access.one_time_link': changeable(appendsAndChanges('used_at', 'voided_at')),
  'access.recovery_code': changeable({ ...appendsAndChanges('used_at'), delete: true }),
  'access.second_factor': changeable(appendsAndChanges('confirmed_at', 'ended_at', 'ended_by', 'last_step', 'sealed')),
  'access.session': changeable(
    appendsAndChanges('last_seen_at', 'revoked_at', 'second_factor_at', 'stage', 'token_sha256'),
  ),
  'access.sign_in_failure': changeable({
    ...appendsAndChanges('changed_at', 'failed_at', 'failures', 'pending'),
    delete: true,
  }),
  'access.team': changeable(appends),
  'access.user_role': changeable({ ...appends, delete: true }),

  'casework.assignment': appendOnly(appends), // and a client changes hands by it alone
  'casework.case_note': { ...appendOnly(appends), erasable: 'words_sealed' },
  'casework.client': changeable(
    appendsAndChanges('age_band', 'case_group', 'cohort', 'country', 'guardian_on_record', 'region'),
    readsOnly('case_group', 'cohort', 'country', 'id'),
  ),
  'casework.consent': { ...appendOnly(appends), erasable: 'party' },
  'casework.contact': { ...appendOnly(appends), erasable: 'words_sealed' },
  'casework.emergency_access': { ...appendOnly(appends), erasable: 'words_sealed' },
  'casework.emergency_seen': appendOnly(appends),
  'casework.duplicate_decision': appendOnly(appends),
  'casework.possible_duplicate': changeable(appendsAndChanges('found_at', 'found_by', 'matched', 'strength')),
  'casework.erasure': appendOnly(appends),
  'casework.identification': { ...appendOnly(appends), erasable: 'rows' },
  'casework.interview_draft': changeable({ ...appendsAndChanges('content_sealed', 'kept_at'), delete: true }),
  'casework.need': appendOnly(appends, reads),
  'casework.need_rank': {
    ...appendOnly(appends, readsOnly('assessment_id', 'need', 'rank')),
    erasable: 'interpretation_sealed',
  },
  'casework.needs_assessment': { ...appendOnly(appends), erasable: 'content_sha256' },
  'casework.plan_item': { ...appendOnly(appends), erasable: 'description_sealed' },
  'casework.plan_replacement': appendOnly(appends),
  'casework.plan_tracking': { ...appendOnly(appends), erasable: 'content_sha256' },
  'casework.safe_contact': { ...appendOnly(appends), erasable: 'content_sealed' },
  'casework.spending_plan': { ...appendOnly(appends), erasable: 'content_sha256' },
  'casework.tracked_item': { ...appendOnly(appends), erasable: 'came_of_sealed' },

  // What is read only is written by the ledger's functions.
  'ledger.account': appendOnly(reads, reads),
  'ledger.balance': changeable(reads, reads),
  'ledger.checkpoint': appendOnly(reads),
  'ledger.cosignature': appendOnly(appends),
  'ledger.currency': appendOnly(appends, reads),
  'ledger.entry': appendOnly(reads, reads),
  'ledger.epoch': appendOnly(reads),
  'ledger.flow': appendOnly(reads, reads),
  'ledger.leaf': appendOnly(reads),
  'ledger.leaf_salt': { ...appendOnly(reads), erasable: 'subject' },
  'ledger.log_identity': appendOnly(appends),
  'ledger.period_closing': appendOnly(reads, reads),
  'ledger.period_seal': appendOnly(reads),
  'ledger.subject_erasure': appendOnly(reads),
  'ledger.tile': appendOnly(reads),
  'ledger.verification': appendOnly(appends),

  'payments.approval_limits': appendOnly(appends),
  'payments.approval_limits_confirmed': appendOnly(appends),
  'payments.attempt': changeable(appendsAndChanges('settled_on', 'state', 'superseded', 'unknown_since'), reads),
  'payments.bank_file': appendOnly(appends),
  'payments.bank_file_abandoned': appendOnly(appends),
  'payments.bank_file_download': appendOnly(appends),
  'payments.bank_file_item': appendOnly(appends),
  'payments.decided_amount': appendOnly(appends, reads),
  'payments.dispatch': appendOnly(appends),
  'payments.donor': changeable(appends, reads),
  'payments.donor_member': changeable(appends),
  'payments.enquiry': changeable(appendsAndChanges('asked', 'next_at')),
  'payments.enrolment': changeable(appendsAndChanges('approved_at', 'approved_by', 'cancelled_at', 'payee_ref'), reads),
  'payments.enrolment_change': appendOnly(appends), // and an enrolment changes its rail or country by it alone
  'payments.enrolment_change_decision': appendOnly(appends),
  'payments.enrolment_change_item': appendOnly(appends),
  'payments.evidence': appendOnly(appends, reads),
  'payments.exchange': appendOnly(appends, reads),
  'payments.exchange_rate': appendOnly(appends, reads),
  'payments.exchange_rate_confirmed': appendOnly(appends),
  'payments.exchange_rate_doubt': appendOnly(appends),
  'payments.exchange_rate_struck_out': appendOnly(appends),
  'payments.fund': changeable(appends, reads),
  'payments.fund_policy_change': appendOnly(appends),
  'payments.fund_policy_decision': appendOnly(appends),
  'payments.giving_up': appendOnly(appends),
  'payments.grant_received': appendOnly(appends, reads),
  'payments.grant_reversal': appendOnly(appends, reads),
  'payments.inbound_ending': appendOnly(appends),
  'payments.inbound_file': appendOnly(appends),
  'payments.inbound_line': appendOnly(appends),
  'payments.inbound_part': appendOnly(appends),
  'payments.obligation': changeable(
    appendsAndChanges('cancelled_at', 'hold_reason', 'run_id', 'settled_on', 'state'),
    reads,
  ),
  'payments.payee_change': appendOnly(appends),
  'payments.payee_unreadable': appendOnly(appends),
  'payments.paying_account': appendOnly(appends),
  'payments.paying_account_fund': appendOnly(appends),
  'payments.rail_message': appendOnly(appends),
  'payments.reissue': appendOnly(appends),
  'payments.reversal_confirmed': appendOnly(appends),
  'payments.reversal_request': appendOnly(appends),
  'payments.run': appendOnly(appends, reads),
  'payments.run_departure': appendOnly(appends),
  'payments.run_item': appendOnly(appends, reads),
  'payments.run_request': appendOnly(appends),
  'payments.run_request_refused': appendOnly(appends),
  'payments.run_signature': appendOnly(appends, reads),
  'payments.stop_lifted': appendOnly(appends),
  'payments.stop_request': appendOnly(appends),
  'payments.told_result': appendOnly(appends),
  'payments.unknown_alert': appendOnly(appends),
  'payments.unknown_owner': appendOnly(appends),
  'payments.till_count': appendOnly(appends),
  'payments.till_count_confirmation': appendOnly(appends),
  'payments.voucher': appendOnly(appends),
  'payments.voucher_acknowledgement': appendOnly(appends),
  'payments.voucher_custody': appendOnly(appends),
  'payments.voucher_handover': appendOnly(appends),
  'payments.voucher_receipt': appendOnly(appends),
  'payments.statement_balance': appendOnly(appends),
  'payments.value_change': appendOnly(reads), // written where a decision is applied
  'payments.value_review': appendOnly(appends),
  'payments.value_review_decision': appendOnly(appends),
  'payments.value_review_item': appendOnly(appends),
  'payments.wage_decision': appendOnly(appends),
  'payments.wage_proposal': appendOnly(appends),
  'payments.wage_rate': appendOnly(appends, reads),
  'payments.work_item': appendOnly(appends),
  'payments.work_item_word': appendOnly(appends),

  // Reached by functions only, which record who read.
  'pii.data_key': changeable(nothing),
  'pii.erased_client': appendOnly(nothing),
  'pii.person_birth': changeable(nothing),
  'pii.person_token': changeable(nothing),
  'pii.staff_account': changeable(nothing),
  'pii.identity': { ...appendOnly(nothing), erasable: 'rows' },

  'public.uct_migration': { ...changeable(nothing), ofTheMigrator: true },

  'reports.donor_report': appendOnly(appends, appends),
};

type Role = 'service' | 'reports';

/** Who may read them; nobody writes through them. */
export const VIEWS: Readonly<Record<string, readonly Role[]>> = {
  'access.awaited_confirmation': ['service'],
  'casework.duplicate_standing': ['service'],
  'casework.latest_assessment': ['service', 'reports'],
  'casework.payment_standing': ['service'],
  'casework.subject_in_audit': ['service'],
  'casework.same_person': ['service'],
  'ledger.folded_balance': ['service', 'reports'],
  'payments.known_balance': ['service'],
  'payments.work_item_standing': ['service'],
  'payments.paid_month': ['service'],
  'payments.stopped_attempt': ['service'],
  'payments.standing_bank_file_item': ['service'],
  'payments.unknown_payment': ['service'],
  'payments.unreadable_payee': ['service'],
  'payments.superseded_payee': ['service'],
  'payments.paying_account_of_fund': ['service'],
  'payments.voucher_standing': ['service'],
  'payments.fund_value_policy': ['service'],
  'payments.instalment_value': ['service'],
};

/** Sequences of which more can be known than what was drawn from them through their tables. */
export const SEQUENCES: Readonly<Record<string, readonly Role[]>> = { 'ledger.entry_seq_seq': ['service'] };

/** Who may call them. Not named are those that a trigger calls: nobody else can. */
export const FUNCTIONS: Readonly<Record<string, readonly Role[]>> = {
  'access.audit_leaf': [],
  'access.audit_part': [],
  'access.await_confirmation': [],
  'access.await_newcomer': [],
  'access.chain_audit_events': ['service'],
  'access.holds_codes_only': ['service'],
  'payments.digest_of_items': ['service'],
  'payments.digest_when_put_together': ['service'],
  'access.enable_user': ['service'],
  'access.move_to_team': ['service'],
  'access.unbind_external_identities': ['service'],
  'access.make_append_only': ['service', 'reports'], // only a table's owner can use it
  'casework.consents': ['service'],
  'casework.registrar': ['service'],
  'casework.hold_only_with_consent': [],
  'casework.latest_word': ['service'],
  'casework.make_erasable': [],
  'casework.random_code': [],
  'casework.random_digest': [],
  'casework.refuse_rows_of_erased': [],
  'ledger.append_epoch': ['service'],
  'ledger.came_back': [],
  'ledger.close_period': ['service'],
  'ledger.erase_subjects': ['service'],
  'ledger.open_account': ['service'],
  'ledger.post_entries': ['service'],
  'ledger.post_one': [],
  'ledger.post_together': [],
  'ledger.publish_checkpoint': ['service'],
  'ledger.seal_period': ['service'],
  'payments.awaits_bank_file': ['service'],
  'payments.cash_in_books': [],
  'payments.check_movement': [],
  'payments.hold_attempt_of': [],
  'payments.hold_off_withdrawals': ['service'],
  'payments.approvals_asked': [],
  'payments.approvals_for': ['service'],
  'payments.approvals_for_run': ['service'],
  'payments.approvals_for_run_signed': [],
  'payments.may_put_back': ['service'],
  'payments.needs_two': ['service'],
  'payments.paid_by_another_try': [],
  'payments.reversal_under_way': ['service'],
  'pii.replace_staff_accounts': ['service'],
  'pii.shared_accounts': ['service'],
  'payments.take_inbound_turn': ['service'],
  'payments.run_digest': ['service', 'reports'], // a digest of what both may read
  'payments.signed_run_of': [],
  'payments.worth_of_explanations': ['service'],
  'payments.worth_of_pieces': ['service'],
  'pii.count_data_keys': ['service'],
  'pii.count_without_key': ['service'],
  'pii.data_keys_after': ['service'],
  'pii.data_keys_to_rewrap': ['service'],
  'pii.erase_client': ['service'],
  'pii.erased_clients': ['service'],
  'pii.newest_identity_version': ['service'],
  'pii.open_identity': ['service'],
  'pii.open_identity_versions': ['service'],
  'pii.open_payees': ['service'],
  'pii.payee_serves': ['service'],
  'pii.restore_data_keys': ['service'],
  'pii.restore_erased': ['service'],
  'pii.rewrap_data_keys': ['service'],
  'pii.await_other_registrations': ['service'],
  'pii.find_persons': ['service'],
  'pii.forget_person': [], // an erasure does
  'pii.replace_person': ['service'],
  'pii.store_data_key': ['service'],
  'pii.store_identity': ['service'],
  'pii.wrapped_data_key': ['service'],
};

/** Who finds what is in them; nobody makes anything in them. */
export const SCHEMAS: Readonly<Record<string, readonly Role[]>> = {
  access: ['service'],
  casework: ['service', 'reports'],
  ledger: ['service', 'reports'],
  payments: ['service', 'reports'],
  pii: ['service'],
  public: ['service', 'reports'], // everybody, as PostgreSQL has it
  reports: ['service', 'reports'],
};

/** The queue's tables belong to the queue (see migrate.ts); they hold nothing worth keeping. */
export const NOT_OURS: readonly string[] = ['bullmq'];

/** Those of which not a single column ever changes. */
export const APPEND_ONLY: readonly string[] = Object.entries(TABLES)
  .filter(([, { kept, erasable }]) => kept === 'append-only' && !erasable)
  .map(([name]) => name);
