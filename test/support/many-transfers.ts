/** Thousands of transfers that are due, straight into the tables: who the clients are plays no part. */
import { sql } from './database.js';
import type { TestService } from './service.js';

/** So many first instalments in cash, due on that day from that fund, of clients in Thailand. One statement after the other, as triggers ask for it. */
export async function manyDueTransfers(
  service: TestService,
  fund: string,
  count: number,
  dueOn: string,
): Promise<void> {
  const { userId } = service.actor('caseworker');
  const statements = [
    `create temporary table made as select uuidv7() client_id, uuidv7() enrolment_id, n from generate_series(1, ${count}) n`,
    `insert into casework.client (id, code, cohort, case_group, country, age_band, guardian_on_record, caseworker_id, registered_at, content_sha256)
     select client_id, 'C-' || translate(upper(lpad(to_hex(n), 8, '0')), 'ILOU', '1100'), 'many', 'many', 'TH', 'adult', false, '${userId}', now(), sha256('')
     from made`,
    ...['hold-data', 'be-paid'].map(
      (purpose) => `
        insert into casework.consent (id, client_id, purpose, given, language, recorded_on, recorded_by, recorded_at)
        select uuidv7(), client_id, '${purpose}', true, 'th', '2026-01-01', '${userId}', now() from made`,
    ),
    `insert into payments.enrolment (id, client_id, fund_id, country, time_zone, anchor_on, rail, payee_ref, currency, amount_minor, decided_amount_id,
                                     derivation, proposed_by, proposed_at, content_sha256)
     select enrolment_id, client_id, f.id, 'TH', 'Asia/Bangkok', '${dueOn}', 'cash', 'identity/1', 'THB', 900000,
            (select min(id) from payments.decided_amount), '{}', '${userId}', now(), sha256('') from made, payments.fund f where f.code = '${fund}'`,
    `insert into payments.obligation (id, enrolment_id, client_id, instalment, fund_id, country, due_on, currency, amount_minor, state)
     select uuidv7(), enrolment_id, client_id, 1, f.id, 'TH', '${dueOn}', 'THB', 900000, 'scheduled' from made, payments.fund f where f.code = '${fund}'`,
    'drop table made',
  ];
  // In one session, for the sake of the temporary table; each statement by itself, for the sake of the triggers.
  await sql(service.db.url, statements.join(';\n'));
}
