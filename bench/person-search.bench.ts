/**
 * Looking among 100,000 people whether somebody is registered already, against reading a client by primary key in the same run.
 * Wanted: at most 5 times as much. `npm run bench:persons [-- people [rounds]]`
 */
import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { from as copyFrom } from 'pg-copy-streams';
import type { Identity } from '../src/clients/domain/identity.js';
import { BirthBlocks } from '../src/clients/matching/birth-blocks.js';
import { PersonIndex } from '../src/clients/matching/person-index.js';
import { PersonTokens } from '../src/clients/matching/person-tokens.js';
import { BURMESE_PARTS } from '../src/demo/domain/name-parts.js';
import { seededDraws, type Draws } from '../src/demo/domain/seeded-draws.js';
import { Secrets } from '../src/kernel/secrets.js';
import { benchDatabase, type BenchDatabase } from './bench-database.js';
import { figure, median, progress, seconds } from './measured.js';

const people = Number(process.argv[2] ?? '100000');
const rounds = Number(process.argv[3] ?? '7');
const SEARCHES_A_ROUND = 400;
const NOBODY = '00000000-0000-7000-8000-00000000be9c';
const CODE = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const secrets = new Secrets(Buffer.alloc(32, 1));
const index = new PersonIndex(secrets);

const db = await benchDatabase();
try {
  const registered = seededDraws(1, 'people who are registered');
  const persons = Array.from({ length: people }, () => ({ id: randomUUID(), identity: person(registered) }));
  const fillSeconds = await seconds(() => fill(db, persons));
  progress(`${people} people are there after ${fillSeconds.toFixed(0)} s`);
  const draws = seededDraws(2, 'people who come again');
  const [ratios, searching, lookingUp]: [number[], number[], number[]] = [[], [], []];
  let found = 0;
  for (let round = 0; round <= rounds; round++) {
    const asked = Array.from({ length: SEARCHES_A_ROUND }, () => draws.pick(persons));
    const [lookUps, searches]: [number[], number[]] = [[], []];
    for (const { id, identity } of asked) {
      lookUps.push(await seconds(() => db.service.query('select * from casework.client where id = $1', [id])));
      searches.push(
        await seconds(async () => (found += (await index.search(db.service.manager, NOBODY, identity)).length)),
      );
    }
    // One after the other and by their medians, so that what else the machine does hits both alike, and its pauses neither.
    const [lookUp, search] = [median(lookUps), median(searches)];
    if (round === 0) continue; // warms caches and code
    ratios.push(search / lookUp);
    searching.push(search * 1000);
    lookingUp.push(lookUp * 1000);
    progress(`round ${round}: ${(search / lookUp).toFixed(2)} times`);
  }
  figure(`looking for a person among ${people} against a look-up by primary key`, {
    ratio: median(ratios),
    wantedAtMost: 5,
    millisecondsSearch: median(searching),
    millisecondsLookUp: median(lookingUp),
    foundEachTime: found / ((rounds + 1) * SEARCHES_A_ROUND),
  });
} finally {
  await db.close();
}

/** Two or three syllables in both scripts; some of the names are borne by dozens. */
function person(draws: Draws): Identity {
  const parts = draws
    .shuffled(draws.integer(0, 1) ? BURMESE_PARTS.men : BURMESE_PARTS.women)
    .slice(0, draws.pick([2, 3, 3]));
  const two = (most: number) => String(draws.integer(1, most)).padStart(2, '0');
  return {
    names: [
      { text: parts.map(({ text }) => text).join(''), romanised: parts.map(({ romanised }) => romanised).join(' ') },
    ],
    dateOfBirth: `${draws.integer(1968, 2006)}-${two(12)}-${two(28)}`,
    phone: `09${draws.integer(400_000_000, 999_999_999)}`,
  };
}

/** As registrations would, but the rows of the index by COPY and its keys made afterwards. */
async function fill({ admin }: BenchDatabase, persons: readonly { id: string; identity: Identity }[]): Promise<void> {
  const tokens = new PersonTokens(secrets);
  const births = new BirthBlocks(secrets.keyFor('person-index/birth'));
  const copy = (into: string, lines: Iterable<string>) =>
    pipeline(Readable.from(lines), admin.query(copyFrom(`copy ${into} from stdin`)));
  await admin.query(`
    insert into access.app_user (id, email, display_name, password_hash, created_at) values ('${NOBODY}', 'bench@bench.example', 'bench', 'none', now());
    alter table pii.person_token drop constraint person_token_pkey;
    drop index pii.person_token_client;`);
  await copy(
    'casework.client (id, code, cohort, case_group, country, age_band, guardian_on_record, caseworker_id, registered_at, content_sha256)',
    lines(persons, ({ id }, n) => [
      `${id}\tC-${code(n)}\tbench\tbench\tMM\tadult\tf\t${NOBODY}\t2026-01-01\t\\\\x${'00'.repeat(32)}\n`,
    ]),
  );
  await copy(
    'pii.person_token (token, kind, client_id)',
    lines(persons, ({ id, identity }) => {
      const kept = new Map(tokens.kept(identity).map(({ value, kind }) => [value, kind]));
      return [...kept].map(([value, kind]) => `${value}\t${kind}\t${id}\n`);
    }),
  );
  await copy(
    'pii.person_birth (client_id, sealed)',
    lines(persons, ({ id, identity }) => {
      const sealed = births.seal(id, identity.dateOfBirth ?? '');
      return [`${id}\t\\\\x${sealed.toString('hex')}\n`];
    }),
  );
  await admin.query('alter table pii.person_token add primary key (token, client_id) include (kind)');
  await admin.query('create index person_token_client on pii.person_token (client_id)');
  await admin.query('vacuum analyze casework.client, pii.person_token, pii.person_birth');
}

function* lines<T>(rows: readonly T[], of: (row: T, n: number) => string[]): Generator<string> {
  for (const [n, row] of rows.entries()) yield of(row, n).join('');
}

function code(n: number): string {
  return Array.from({ length: 8 }, (_, place) => CODE[Math.floor(n / 32 ** place) % 32]).join('');
}
