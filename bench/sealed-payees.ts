/** The identities of the clients in `made`, sealed as the identity vault seals them, each with an account at a bank, and the index of their accounts. */
import type pg from 'pg';
import { DataKeys } from '../src/clients/identity-vault/data-keys.js';
import type { Identity } from '../src/clients/domain/identity.js';
import { railsOf } from '../src/clients/domain/payee-rails.js';
import { seal } from '../src/kernel/secrets.js';

const SEALED_AT_ONCE = 2_048;

export async function seedPayees(admin: pg.Client, keys: DataKeys): Promise<void> {
  for (let after = 0; ;) {
    const { rows } = await admin.query<{ client_id: string; n: number }>(
      'select client_id, n from made where n > $1 order by n limit $2',
      [after, SEALED_AT_ONCE],
    );
    const last = rows.at(-1);
    if (!last) break;
    after = last.n;
    await store(admin, keys, rows);
  }
  // By which a run finds an account that two clients share; no two do.
  await admin.query('insert into pii.person_token (token, kind, client_id) select n, 5, client_id from made');
  for (const table of ['pii.data_key', 'pii.identity', 'pii.person_token']) await admin.query(`analyze ${table}`);
}

async function store(admin: pg.Client, keys: DataKeys, rows: readonly { client_id: string; n: number }[]) {
  const made = await Promise.all(
    rows.map(async ({ client_id: clientId, n }) => {
      const { dataKey, stored } = await keys.make(clientId);
      const identity = Buffer.from(JSON.stringify(identityOf(n)));
      return { clientId, ...stored, sealed: seal(dataKey, `pii.identity/${clientId}/1`, identity) };
    }),
  );
  const ids = made.map(({ clientId }) => clientId);
  await admin.query(
    `select pii.store_data_key(id, provider, key_id, wrapped) from unnest($1::uuid[], $2::text[], $3::text[], $4::bytea[]) k(id, provider, key_id, wrapped)`,
    [ids, made.map(({ provider }) => provider), made.map(({ keyId }) => keyId), made.map(({ wrapped }) => wrapped)],
  );
  await admin.query(
    `select pii.store_identity(id, 1, sealed, now(), $3) from unnest($1::uuid[], $2::bytea[]) i(id, sealed)`,
    [ids, made.map(({ sealed }) => sealed), railsOf(identityOf(0).payee)],
  );
}

const identityOf = (n: number): Identity => ({
  names: [{ text: 'สมหญิง ใจดี', script: 'Thai', romanised: 'Somying Jaidee' }],
  dateOfBirth: '1988-04-12',
  phone: '+66812345678',
  payee: { bank: 'Bench Bank', bankCode: '004', account: String(1_000_000_000 + n) },
});
