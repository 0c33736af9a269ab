/** Clients who consent to be paid, and the first instalments that are due to them, in SQL: one statement after the other, as triggers ask for it. */
import type pg from 'pg';
import type { Rail } from '../src/funds/rails.js';

export const DUE_THROUGH = '2026-01-31';
export const AMOUNT_MINOR = 900_000n;

/** Their ids stay in the temporary table `made` of that connection until their transfers are due. */
export async function seedClients(admin: pg.Client, count: number, caseworker: string): Promise<void> {
  await inTurn(admin, [
    `create temporary table made as select uuidv7() client_id, uuidv7() enrolment_id, n from generate_series(1, ${count}) n`,
    `insert into casework.client (id, code, cohort, case_group, country, age_band, guardian_on_record, caseworker_id, registered_at, content_sha256)
     select client_id, 'C-' || translate(upper(lpad(to_hex(n), 8, '0')), 'ILOU', '1100'), 'bench', 'bench', 'TH', 'adult', false, '${caseworker}', now(), sha256('')
     from made`,
    ...['hold-data', 'be-paid'].map(
      (purpose) => `
        insert into casework.consent (id, client_id, purpose, given, language, recorded_on, recorded_by, recorded_at)
        select uuidv7(), client_id, '${purpose}', true, 'th', '2026-01-01', '${caseworker}', now() from made`,
    ),
    'analyze casework.client',
    'analyze casework.consent',
  ]);
}

export async function seedDueTransfers(
  admin: pg.Client,
  { caseworker, fund, rail }: { caseworker: string; fund: string; rail: Rail },
): Promise<void> {
  await inTurn(admin, [
    `insert into payments.enrolment (id, client_id, fund_id, country, time_zone, anchor_on, rail, payee_ref, currency, amount_minor, decided_amount_id,
                                     derivation, proposed_by, proposed_at, content_sha256)
     select enrolment_id, client_id, '${fund}', 'TH', 'Asia/Bangkok', '2026-01-15', '${rail}', 'identity/1', 'THB', ${AMOUNT_MINOR},
            (select min(id) from payments.decided_amount), '{}', '${caseworker}', now(), sha256('') from made`,
    `insert into payments.obligation (id, enrolment_id, client_id, instalment, fund_id, country, due_on, currency, amount_minor, state)
     select uuidv7(), enrolment_id, client_id, 1, '${fund}', 'TH', '2026-01-15', 'THB', ${AMOUNT_MINOR}, 'scheduled' from made`,
    'drop table made',
    'analyze payments.enrolment',
    'analyze payments.obligation',
  ]);
}

async function inTurn(admin: pg.Client, statements: readonly string[]): Promise<void> {
  for (const statement of statements) await admin.query(statement);
}
