/** A report with something changed in it, in every place and by every party: at which step it fails, and with which code. */
import { beforeAll, describe, expect, it } from '@jest/globals';
import {
  busyQuarter,
  logSigner,
  newLogSigner,
  newWitness,
  reportOf,
  SmallLog,
  witnesses,
  type Report,
} from '../../../../test/support/bundles.js';
import { canonicalJson } from '../../../kernel/domain/canonical-json.js';
import { checkBundle } from './bundle-check.js';
import type { BundleFindings, Step } from './bundle-findings.js';
import type { CheckOptions } from './bundle-step.js';
import type { Bundle, EntryProof } from './bundle.js';
import { nodePrimitives } from './node-primitives.js';
import type { AuditorSeal, DonorSeal } from './seal-text.js';

let report: Report;
let first: Report;

beforeAll(() => {
  report = reportOf([busyQuarter('2026-Q1'), busyQuarter('2026-Q2')]);
  first = reportOf([busyQuarter('2026-Q1')]);
});

const check = (file: Bundle | string, options?: CheckOptions): Promise<BundleFindings> =>
  checkBundle(nodePrimitives, typeof file === 'string' ? file : JSON.stringify(file), options);

/** The steps that do not hold, with their codes. */
const faultsOf = ({ steps }: BundleFindings) =>
  steps.filter(({ holds }) => holds === false).map(({ step, code }) => `${step}: ${code}`);

type Tampering = [what: string, step: Step, code: string, tamper: () => Bundle | string, options?: () => CheckOptions];

const clone = (bundle: Bundle): Bundle => structuredClone(bundle);

/** A copy of the donor's bundle with something changed in it. */
const donorWith = (change: (bundle: Bundle) => void) => () => changed(report.donor, change);

const auditorWith = (change: (bundle: Bundle, entries: EntryProof[]) => void) => () =>
  changed(report.auditor, (bundle) => change(bundle, bundle.entries ?? []));

function changed(original: Bundle, change: (bundle: Bundle) => void): Bundle {
  const bundle = clone(original);
  change(bundle);
  expect(bundle).not.toEqual(original);
  return bundle;
}

/** The same bundle with another text in its seal. */
const sealSaying = (change: (seal: DonorSeal) => void) =>
  donorWith((bundle) => {
    bundle.seal.donor.text = saying(bundle.seal.donor.text, change);
  });

function saying<T>(text: string, change: (content: T) => void): string {
  const content = JSON.parse(text) as T;
  change(content);
  return canonicalJson(content);
}

/** A report whose seal was a lie already when it was put into the log. */
const sealedAs = (change: (seal: DonorSeal, auditor: AuditorSeal) => void) => () =>
  reportOf([
    busyQuarter('2026-Q1'),
    {
      ...busyQuarter('2026-Q2'),
      sealAs: (donor, auditor) => {
        change(donor, auditor);
        return { donor, auditor };
      },
    },
  ]).auditor;

/** A report of which an entry was a lie already when it was put into the log. */
const enteredAs = (change: (donor: Record<string, unknown>, auditor: Record<string, unknown>) => void) => () =>
  reportOf([
    busyQuarter('2026-Q1'),
    { ...busyQuarter('2026-Q2'), enterAs: (donor, auditor, place) => place === 4 && change(donor, auditor) },
  ]).auditor;

const otherHash = Buffer.alloc(32, 9).toString('base64');
const otherFund = '0197a3b0-5b5e-7c1d-8f00-3a0d2b6f1c02';

const form: Tampering[] = [
  ['nothing at all', 'file', 'not-json', () => ''],
  ['a text that is no JSON', 'file', 'not-json', () => 'Dear donor'],
  ['JSON of something else', 'file', 'malformed-field', () => '[]'],
  ['another format', 'file', 'malformed-field', donorWith((b) => Object.assign(b, { format: 'uct-ledger/bundle/2' }))],
  ['a field that nobody knows', 'file', 'unknown-field', donorWith((b) => Object.assign(b, { note: 'trust me' }))],
  ['a field called __proto__', 'file', 'unknown-field', () => text().replace('{', '{"__proto__":{"entries":[]},')],
  ['a field that is missing', 'file', 'missing-field', donorWith((b) => Reflect.deleteProperty(b, 'previous'))],
  ['a field twice', 'file', 'duplicate-field', () => text().replace('{', '{"checkpoint":"x",')],
  ['a field twice, deep inside', 'file', 'duplicate-field', () => text().replace('"salt":', '"salt":"00","salt":')],
  [
    'a field twice in a text that a leaf commits to',
    'file',
    'not-canonical',
    donorWith((b) => (b.seal.donor.text = b.seal.donor.text.replace('{', '{"digest":"0",'))),
  ],
  ['10 MB of brackets', 'file', 'too-large', () => '['.repeat(5_000_000) + ']'.repeat(5_000_000)],
  [
    '10 MB of brackets in a field',
    'file',
    'too-large',
    () => text().replace(/"format":"[^"]*"/, `"format":${'['.repeat(5_000_000)}${']'.repeat(5_000_000)}`),
  ],
  ['10 MB of objects', 'file', 'too-large', () => '{"a":'.repeat(2_000_000) + '1' + '}'.repeat(2_000_000)],
  ['10 MB of empty lists', 'file', 'too-large', () => `{"entries":[${'[],'.repeat(3_300_000)}[]]}`],
  ['10 MB of zeros', 'file', 'too-large', () => `{"entries":[${'0,'.repeat(5_000_000)}0]}`],
  ['10 MB of empty texts', 'file', 'too-large', () => `{"entries":[${'"",'.repeat(3_300_000)}""]}`],
  ['a text of 10 MB', 'file', 'too-large', donorWith((b) => (b.seal.donor.text = '['.repeat(10_000_000)))],
  ['a note of 10 MB', 'file', 'malformed-field', donorWith((b) => (b.checkpoint = 'x\n'.repeat(5_000_000)))],
  ['a place beyond 2^53', 'file', 'malformed-field', () => text().replace(/"index":\d+/, '"index":9007199254740993')],
  ['a place with decimals', 'file', 'malformed-field', donorWith((b) => (b.seal.index = 1.5))],
  ['a place below zero', 'file', 'malformed-field', donorWith((b) => (b.seal.index = -1))],
  ['a place as text', 'file', 'malformed-field', donorWith((b) => Object.assign(b.seal, { index: '3' }))],
  [
    'a size beyond 2^53',
    'file',
    'malformed-field',
    donorWith((b) => (b.checkpoint = b.checkpoint.replace(/\n\d+\n/, '\n9007199254740993\n'))),
  ],
  [
    'a size with a zero in front',
    'file',
    'malformed-field',
    donorWith((b) => (b.checkpoint = b.checkpoint.replace(/\n(\d+)\n/, '\n0$1\n'))),
  ],
  [
    'a checkpoint without signatures',
    'file',
    'malformed-field',
    donorWith((b) => (b.checkpoint = b.checkpoint.split('\n\n')[0] + '\n\n')),
  ],
  ['no checkpoint before', 'file', 'malformed-field', donorWith((b) => b.previous && (b.previous.checkpoint = 'none'))],
  [
    'a salt that is too short',
    'file',
    'malformed-field',
    donorWith((b) => (b.seal.donor.salt = b.seal.donor.salt.slice(2))),
  ],
  [
    'a salt in capitals',
    'file',
    'malformed-field',
    donorWith((b) => (b.seal.donor.salt = b.seal.donor.salt.toUpperCase())),
  ],
  [
    'two commitments',
    'file',
    'malformed-field',
    donorWith((b) => Object.assign(b.seal, { commitments: b.seal.commitments.slice(1) })),
  ],
  [
    'a hash in another spelling',
    'file',
    'malformed-field',
    donorWith((b) => (b.seal.proof[0] = b.seal.proof[0]?.replace(/.=$/, 'B=') ?? '')),
  ],
  ['a hash that is too short', 'file', 'malformed-field', donorWith((b) => (b.seal.proof[0] = 'AAAA'))],
  [
    'a proof without end',
    'file',
    'too-large',
    donorWith((b) => (b.seal.proof = Array.from({ length: 65 }, () => otherHash))),
  ],
  [
    'a text with spaces',
    'file',
    'not-canonical',
    donorWith((b) => (b.seal.donor.text = b.seal.donor.text.replace(',', ', '))),
  ],
  [
    'a text in another order',
    'file',
    'not-canonical',
    donorWith(
      (b) =>
        (b.seal.donor.text = JSON.stringify(
          Object.fromEntries(Object.entries(JSON.parse(b.seal.donor.text) as object).reverse()),
        )),
    ),
  ],
  [
    'a text in other signs',
    'file',
    'not-canonical',
    donorWith((b) => (b.seal.donor.text = b.seal.donor.text.replace('"seal"', '"s\\u0065al"'))),
  ],
  ['an amount of "+9"', 'file', 'malformed-field', sealSaying((s) => (s.sums.THB!.paid = '+9'))],
  ['an amount of "-0"', 'file', 'malformed-field', sealSaying((s) => (s.sums.THB!.paid = '-0'))],
  ['an amount of "09"', 'file', 'malformed-field', sealSaying((s) => (s.balances.THB!.paid = '09'))],
  ['an amount as a number', 'file', 'malformed-field', sealSaying((s) => Object.assign(s.sums.THB!, { paid: 9 }))],
  ['an amount in other digits', 'file', 'malformed-field', sealSaying((s) => (s.sums.THB!.paid = '๙'))],
  ['a currency that is none', 'file', 'unknown-field', sealSaying((s) => (s.sums['thb'] = s.sums.THB!))],
  [
    'an account that nobody knows',
    'file',
    'unknown-field',
    sealSaying((s) => Object.assign(s.balances.THB!, { pocket: '1' })),
  ],
  ['a band that is none', 'file', 'malformed-field', sealSaying((s) => Object.assign(s, { countBand: '1-9' }))],
  ['a quarter with other days', 'file', 'malformed-field', sealSaying((s) => (s.through = '2026-07-01'))],
  ['a period with other days', 'file', 'malformed-field', donorWith((b) => (b.period.from = '2026-03-31'))],
  ['a period that is no quarter', 'file', 'malformed-field', donorWith((b) => (b.period.name = '2026-Q5'))],
  ['a name that turns its line around', 'file', 'malformed-field', donorWith((b) => (b.fund.name = 'cash\u202eevil'))],
  ['a name that acts on a terminal', 'file', 'malformed-field', donorWith((b) => (b.fund.donor = '\u001b[2J'))],
  [
    'a key with another name',
    'file',
    'malformed-field',
    donorWith((b) => (b.log.vkey = b.log.vkey.replace('log.', 'lag.'))),
  ],
  ["a witness's key for the log", 'file', 'malformed-field', donorWith((b) => (b.log.vkey = b.log.witnesses[0] ?? ''))],
  ["the log's key for a witness", 'file', 'malformed-field', donorWith((b) => (b.log.witnesses[0] = b.log.vkey))],
  ["entries without the auditor's seal", 'file', 'missing-field', auditorWith((b) => delete b.seal.auditor)],
  ["the auditor's seal without entries", 'file', 'missing-field', auditorWith((b) => delete b.entries)],
  [
    'an entry of "+9"',
    'file',
    'malformed-field',
    auditorWith((_, e) => (e[3]!.donor.text = saying(e[3]!.donor.text, (d: { amount: string }) => (d.amount = '+9')))),
  ],
  [
    'an entry of nothing',
    'file',
    'malformed-field',
    auditorWith((_, e) => (e[3]!.donor.text = saying(e[3]!.donor.text, (d: { amount: string }) => (d.amount = '0')))),
  ],
  [
    'an entry of a kind that is none',
    'file',
    'malformed-field',
    auditorWith((_, e) => (e[3]!.donor.text = saying(e[3]!.donor.text, (d: { state: string }) => (d.state = 'gift')))),
  ],
  [
    'an entry in a phase that is none',
    'file',
    'malformed-field',
    auditorWith(
      (_, e) => (e[3]!.auditor.text = saying(e[3]!.auditor.text, (d: { phase: string }) => (d.phase = 'maybe'))),
    ),
  ],
  [
    "an entry with somebody's name",
    'file',
    'unknown-field',
    auditorWith(
      (_, e) => (e[3]!.donor.text = saying(e[3]!.donor.text, (d: object) => Object.assign(d, { name: 'Aung' }))),
    ),
  ],
];

const text = () => JSON.stringify(report.donor);

const signatures: Tampering[] = [
  [
    'a state of the log that was changed after it was signed',
    'log-signature',
    'false-log-signature',
    donorWith(
      (b) => (b.checkpoint = b.checkpoint.replace(/\n(\d+)\n/, (_, size: string) => `\n${Number(size) + 1}\n`)),
    ),
  ],
  [
    "a checkpoint without the log's signature",
    'log-signature',
    'not-signed-by-log',
    donorWith((b) => (b.checkpoint = b.checkpoint.replace(/— log\.example.*\n/, ''))),
  ],
  [
    'another key than the one that the reader was given',
    'log-signature',
    'other-log-key',
    () => reportOf([busyQuarter('2026-Q1')], { log: new SmallLog(newLogSigner('log.example/uct', 'thief')) }).donor,
    () => ({ logKey: logSigner.vkey }),
  ],
  [
    'a key that was given and is none',
    'log-signature',
    'given-key-malformed',
    () => report.donor,
    () => ({ logKey: 'log.example/uct' }),
  ],
  [
    "a witness's key given as the log's",
    'log-signature',
    'given-key-malformed',
    () => report.donor,
    () => ({ logKey: witnesses[0]!.vkey }),
  ],
  [
    'a state of another log, signed with the same key',
    'log-signature',
    'other-origin',
    donorWith((b) => {
      const statement = b.checkpoint.split('\n\n')[0]!.replace('log.example', 'other.example') + '\n';
      const lines = [logSigner.sign(statement), ...witnesses.map((one) => one.cosign(statement, 1_700_000_000))];
      b.checkpoint = `${statement}\n${lines.join('')}`;
    }),
  ],
  [
    'one witness',
    'witnesses',
    'too-few-witnesses',
    () => reportOf([busyQuarter('2026-Q1'), busyQuarter('2026-Q2')], { cosigners: witnesses.slice(1) }).donor,
  ],
  ['no witnesses', 'witnesses', 'too-few-witnesses', () => reportOf([busyQuarter('2026-Q1')], { cosigners: [] }).donor],
  [
    'fewer witnesses than the reader asks for',
    'witnesses',
    'too-few-witnesses',
    () => report.donor,
    () => ({ quorum: 3 }),
  ],
  ['no witnesses asked for', 'witnesses', 'too-few-witnesses', () => report.donor, () => ({ quorum: 0 })],
  [
    'a witness under two names',
    'witnesses',
    'too-few-witnesses',
    () =>
      reportOf([busyQuarter('2026-Q1')], {
        cosigners: [witnesses[0]!, newWitness('b.example', witnesses[0]!.key.name)],
      }).donor,
  ],
  [
    'two keys under one name',
    'witnesses',
    'too-few-witnesses',
    () =>
      reportOf([busyQuarter('2026-Q1')], { cosigners: [witnesses[0]!, newWitness(witnesses[0]!.key.name, 'b')] }).donor,
  ],
  [
    'a witness twice',
    'witnesses',
    'too-few-witnesses',
    () => reportOf([busyQuarter('2026-Q1')], { cosigners: [witnesses[0]!, witnesses[0]!] }).donor,
  ],
  [
    "the log's own name as a witness",
    'witnesses',
    'too-few-witnesses',
    () =>
      reportOf([busyQuarter('2026-Q1')], { cosigners: [witnesses[0]!, newWitness(logSigner.key.name, 'itself')] })
        .donor,
  ],
  [
    'a cosignature of another state',
    'witnesses',
    'false-cosignature',
    donorWith((b) => {
      const own = b.checkpoint.split('\n').find((one) => one.startsWith('— partner'))!;
      b.checkpoint = b.checkpoint.replace(
        own,
        b.previous!.checkpoint.split('\n').find((one) => one.startsWith('— partner'))!,
      );
    }),
  ],
  [
    'witnesses that the reader was not given',
    'witnesses',
    'too-few-witnesses',
    () =>
      reportOf([busyQuarter('2026-Q1')], { cosigners: witnesses.map(({ key }) => newWitness(key.name, 'thief')) })
        .donor,
    () => ({ witnessKeys: witnesses.map(({ vkey }) => vkey) }),
  ],
  [
    'one witness key given twice',
    'witnesses',
    'too-few-witnesses',
    () => report.donor,
    () => ({ witnessKeys: [witnesses[0]!.vkey, witnesses[0]!.vkey] }),
  ],
  [
    "the log's key given for a witness",
    'witnesses',
    'given-key-malformed',
    () => report.donor,
    () => ({ witnessKeys: [logSigner.vkey] }),
  ],
];

/** The same history in another tree, as an operator would build it who wants to tell one reader something else. */
const forked = () =>
  reportOf([busyQuarter('2026-Q1'), busyQuarter('2026-Q2')], { log: new SmallLog(logSigner, 'other salts') });

const history: Tampering[] = [
  ['a wrong consistency proof', 'history', 'history-rewritten', donorWith((b) => (b.previous!.proof[1] = otherHash))],
  ['a consistency proof cut short', 'history', 'history-rewritten', donorWith((b) => b.previous!.proof.pop())],
  ['no consistency proof', 'history', 'history-rewritten', donorWith((b) => (b.previous!.proof = []))],
  [
    'a log that was rebuilt, shown beside the state before',
    'history',
    'history-rewritten',
    () => changed(forked().donor, (b) => (b.previous!.checkpoint = report.donor.previous!.checkpoint)),
  ],
  [
    'a log that was rebuilt, against what the reader kept',
    'history',
    'earlier-contradicted',
    () => forked().donor,
    () => ({ earlier: first.donor.checkpoint }),
  ],
  [
    'a first report, against another one that the reader kept',
    'history',
    'earlier-contradicted',
    () => first.donor,
    () => ({ earlier: reportOf([busyQuarter('2026-Q1')], { log: new SmallLog(logSigner, 'other') }).donor.checkpoint }),
  ],
  [
    'a state that the reader kept and the file does not speak of',
    'history',
    'earlier-not-covered',
    () => report.donor,
    () => ({ earlier: reportOf([busyQuarter('2025-Q4')], { dummies: 11 }).donor.checkpoint }),
  ],
  [
    'something kept that is no checkpoint',
    'history',
    'earlier-malformed',
    () => report.donor,
    () => ({ earlier: '{"checkpoint": 3}' }),
  ],
  [
    'a state kept of another log',
    'history',
    'earlier-not-of-this-log',
    () => report.donor,
    () => ({
      earlier: reportOf([busyQuarter('2026-Q1')], { log: new SmallLog(newLogSigner('b.example')) }).donor.checkpoint,
    }),
  ],
  [
    'a state kept of another log with the same key',
    'history',
    'earlier-not-of-this-log',
    () => report.donor,
    () => {
      const text = first.donor.checkpoint.split('\n\n')[0]!.replace('log.example', 'other.example') + '\n';
      return { earlier: `${text}\n${logSigner.sign(text)}` };
    },
  ],
  [
    'a state kept whose size was changed',
    'history',
    'earlier-not-of-this-log',
    () => report.donor,
    () => ({ earlier: first.donor.checkpoint.replace(/\n(\d+)\n/, '\n1$1\n') }),
  ],
  [
    'a state before that the log did not sign',
    'history',
    'previous-not-signed',
    donorWith((b) => (b.previous!.checkpoint = b.previous!.checkpoint.replace(/\n(\d+)\n/, '\n1$1\n'))),
  ],
  [
    'other words of the report before',
    'history',
    'previous-opening-false',
    donorWith(
      (b) => (b.previous!.seal.donor.text = saying(b.previous!.seal.donor.text, (s: DonorSeal) => (s.countBand = '0'))),
    ),
  ],
  [
    'another salt of the report before',
    'history',
    'previous-opening-false',
    donorWith((b) => (b.previous!.seal.donor.salt = '00'.repeat(32))),
  ],
  [
    'another proof of the report before',
    'history',
    'previous-seal-not-in-log',
    donorWith((b) => (b.previous!.seal.proof[0] = otherHash)),
  ],
  [
    'another place of the report before',
    'history',
    'previous-seal-not-in-log',
    donorWith((b) => b.previous!.seal.index--),
  ],
  [
    'a report before that was not yet there',
    'history',
    'previous-seal-not-in-log',
    () => {
      const quarters = [busyQuarter('2026-Q1'), busyQuarter('2026-Q2')];
      const log = new SmallLog();
      log.addDummies(3);
      const state = log.checkpoint();
      const { donor } = reportOf(quarters, { log });
      return changed(donor, (b) => Object.assign(b.previous!, { checkpoint: state, proof: log.prover().continues(3) }));
    },
  ],
  [
    'the report before of another fund',
    'history',
    'previous-of-other-fund',
    () => {
      const log = new SmallLog();
      reportOf([busyQuarter('2026-Q1')], { log, fund: otherFund });
      const other = reportOf([busyQuarter('2026-Q1'), busyQuarter('2026-Q2')], { log, fund: otherFund });
      const { donor } = reportOf([busyQuarter('2026-Q1'), busyQuarter('2026-Q2')], { log });
      return changed(donor, (b) => {
        const { index } = other.donor.previous!.seal;
        b.previous!.seal = { ...log.prover().leaf(index), donor: log.leaves.get(index)!.openings.donor };
      });
    },
  ],
  [
    'a period that was left out',
    'history',
    'previous-not-adjacent',
    () => reportOf([busyQuarter('2025-Q4'), busyQuarter('2026-Q2')]).donor,
  ],
  [
    'the same period twice',
    'history',
    'previous-not-adjacent',
    () => reportOf([busyQuarter('2026-Q2'), busyQuarter('2026-Q2')]).donor,
  ],
  [
    'another name of the period before',
    'history',
    'previous-not-adjacent',
    donorWith((b) => (b.previous!.period = '2025-Q4')),
  ],
];

const seals: Tampering[] = [
  ['another place of the seal', 'seal', 'seal-not-in-log', donorWith((b) => b.seal.index--)],
  ['a place behind the end of the log', 'seal', 'seal-not-in-log', donorWith((b) => (b.seal.index = 100_000))],
  ['another proof of the seal', 'seal', 'seal-not-in-log', donorWith((b) => (b.seal.proof[2] = otherHash))],
  ['a proof of the seal that goes on', 'seal', 'seal-not-in-log', donorWith((b) => b.seal.proof.push(otherHash))],
  ['a proof of the seal that stops short', 'seal', 'seal-not-in-log', donorWith((b) => b.seal.proof.pop())],
  [
    'another commitment to what donors see',
    'seal',
    'seal-opening-false',
    donorWith((b) => (b.seal.commitments[0] = '00'.repeat(32))),
  ],
  [
    'another commitment to what auditors see',
    'seal',
    'seal-not-in-log',
    donorWith((b) => (b.seal.commitments[1] = '00'.repeat(32))),
  ],
  [
    'another commitment to what nobody sees',
    'seal',
    'seal-not-in-log',
    donorWith((b) => (b.seal.commitments[2] = '00'.repeat(32))),
  ],
  ['another salt of the seal', 'seal', 'seal-opening-false', donorWith((b) => (b.seal.donor.salt = '00'.repeat(32)))],
  ['another band', 'seal', 'seal-opening-false', sealSaying((s) => (s.countBand = '11-50'))],
  ['another digest', 'seal', 'seal-opening-false', sealSaying((s) => (s.digest = '00'.repeat(32)))],
  ['another fund in the seal', 'seal', 'seal-opening-false', sealSaying((s) => (s.fund = otherFund))],
  [
    "other words of the auditor's seal",
    'seal',
    'seal-opening-false',
    auditorWith(
      (b) => (b.seal.auditor!.text = saying(b.seal.auditor!.text, (s: AuditorSeal) => (s.transfersPaid = '3'))),
    ),
  ],
  [
    'a sum that was changed, with everything recomputed but the log',
    'seal',
    'seal-not-in-log',
    () => {
      const lie = sealedAs((seal) => {
        seal.sums.THB!.paid = '1900000';
        Object.assign(seal.balances.THB!, { paid: '3700000', bank: '167200000' });
      })();
      return changed(report.donor, (b) => {
        const { commitments, donor } = lie.seal;
        Object.assign(b.seal, { commitments, donor });
      });
    },
  ],
  [
    'another fund than that of the seal',
    'seal',
    'seal-of-other-fund',
    () => changed(first.donor, (b) => (b.fund.id = otherFund)),
  ],
  [
    'the seal of another fund',
    'seal',
    'seal-of-other-fund',
    () => {
      const log = new SmallLog();
      const other = reportOf([busyQuarter('2026-Q2')], { log, fund: otherFund }).donor.seal.index;
      const { donor } = reportOf([busyQuarter('2026-Q2')], { log });
      return changed(donor, (b) => {
        b.seal = { ...log.prover().leaf(other), donor: log.leaves.get(other)!.openings.donor };
      });
    },
  ],
  [
    'the seal of another period',
    'seal',
    'seal-of-other-period',
    donorWith((b) => {
      const { index } = b.previous!.seal;
      b.seal = { ...report.log.prover().leaf(index), donor: b.previous!.seal.donor };
    }),
  ],
  [
    'a seal that is an entry',
    'file',
    'unknown-field',
    donorWith((b) => (b.seal.donor = report.auditor.entries![0]!.donor)),
  ],
];

const sums: Tampering[] = [
  ['books that do not balance', 'sums', 'sides-differ', sealedAs((s) => (s.balances.VND!.bank = '1'))],
  [
    'payments that the balance does not know of',
    'sums',
    'paid-does-not-continue',
    sealedAs((s) => (s.sums.THB!.paid = '2700000')),
  ],
  [
    'payments taken off the report before',
    'sums',
    'paid-does-not-continue',
    sealedAs((s) => Object.assign(s.balances.THB!, { paid: '1800000', bank: '169100000' })),
  ],
  [
    'returned money that the balance does not know of',
    'sums',
    'returned-does-not-continue',
    sealedAs((s) => (s.sums.THB!.returned = '0')),
  ],
  ['payments before a first period', 'sums', 'granted-does-not-continue', donorWith((b) => (b.previous = null))],
  [
    'a currency that is gone',
    'sums',
    'currency-vanished',
    sealedAs((s) => {
      delete s.balances.VND;
      delete s.sums.VND;
    }),
  ],
  [
    'a currency that moved and is nowhere',
    'sums',
    'currency-without-balance',
    sealedAs((s) => (s.sums.EUR = { granted: '1', paid: '0', returned: '0', exchangedIn: '0', exchangedOut: '0' })),
  ],
];

const entries: Tampering[] = [
  ['an entry that was left out of the file', 'entries', 'other-digest', auditorWith((_, e) => e.splice(3, 1))],
  [
    'an entry that is in the log and not in the seal',
    'entries',
    'other-digest',
    () => reportOf([busyQuarter('2026-Q1'), { ...busyQuarter('2026-Q2'), unsealed: 1 }]).auditor,
  ],
  [
    'an entry of before, added to the file',
    'entries',
    'entry-of-other-month',
    () => {
      const log = new SmallLog();
      const before = reportOf([busyQuarter('2026-Q1')], { log }).auditor.entries![0]!.index;
      const { auditor } = reportOf([busyQuarter('2026-Q2')], { log });
      return changed(auditor, (b) =>
        b.entries!.unshift({ ...log.prover().leaf(before), ...log.leaves.get(before)!.openings }),
      );
    },
  ],
  ['an entry twice in the file', 'entries', 'entry-twice', auditorWith((_, e) => e.splice(3, 0, e[3]!))],
  [
    'an entry twice in the log',
    'entries',
    'entry-twice',
    () => {
      let once: unknown;
      return reportOf([
        {
          ...busyQuarter('2026-Q2'),
          enterAs: (_, auditor, place) => {
            if (place === 3) once = auditor['seq'];
            if (place === 4) auditor['seq'] = once;
          },
        },
      ]).auditor;
    },
  ],
  ['entries in another order', 'entries', 'entries-not-sorted', auditorWith((_, e) => e.reverse())],
  ['another place of an entry', 'entries', 'entry-not-in-log', auditorWith((_, e) => e[7]!.index++)],
  ['another proof of an entry', 'entries', 'entry-not-in-log', auditorWith((_, e) => (e[9]!.proof[4] = otherHash))],
  [
    'a proof of an entry that goes on',
    'entries',
    'entry-not-in-log',
    auditorWith((_, e) => e[9]!.proof.push(otherHash)),
  ],
  [
    'another commitment to what nobody sees of an entry',
    'entries',
    'entry-not-in-log',
    auditorWith((_, e) => (e[9]!.commitments[2] = '00'.repeat(32))),
  ],
  [
    'another amount of an entry',
    'entries',
    'entry-opening-false',
    auditorWith(
      (_, e) => (e[4]!.donor.text = saying(e[4]!.donor.text, (d: { amount: string }) => (d.amount = '900001'))),
    ),
  ],
  [
    'another day of an entry',
    'entries',
    'entry-opening-false',
    auditorWith(
      (_, e) =>
        (e[4]!.auditor.text = saying(e[4]!.auditor.text, (d: { booked_on: string }) => (d.booked_on = '2026-04-16'))),
    ),
  ],
  [
    'another salt of an entry',
    'entries',
    'entry-opening-false',
    auditorWith((_, e) => (e[4]!.auditor.salt = '00'.repeat(32))),
  ],
  ['an entry of another fund', 'entries', 'entry-of-other-fund', enteredAs((donor) => (donor['fund'] = otherFund))],
  [
    'an entry of another month',
    'entries',
    'entry-of-other-month',
    enteredAs(
      (donor, auditor) =>
        Object.assign(donor, { month: '2026-03' }) && Object.assign(auditor, { booked_on: '2026-03-31' }),
    ),
  ],
  [
    'an entry that tells donors another month than auditors',
    'entries',
    'entry-of-other-month',
    enteredAs((donor) => (donor['month'] = '2026-05')),
  ],
  [
    'an entry of another amount than was summed up',
    'entries',
    'other-sums',
    enteredAs((donor) => (donor['amount'] = '900001')),
  ],
  [
    'an entry of another currency than was summed up',
    'entries',
    'other-sums',
    enteredAs((donor) => (donor['currency'] = 'EUR')),
  ],
  [
    'an entry of another kind than was summed up',
    'entries',
    'entry-moves-otherwise',
    enteredAs((donor) => (donor['state'] = 'return')),
  ],
  [
    'an entry that was summed up while it waits',
    'entries',
    'other-sums',
    enteredAs((_, auditor) => (auditor['phase'] = 'pending')),
  ],
  [
    'a currency that moved and was not summed up',
    'sums',
    'granted-does-not-continue',
    sealedAs((s) => delete s.sums.VND),
  ],
  [
    'a currency that was summed up and did not move',
    'entries',
    'other-sums',
    sealedAs((s) => {
      s.sums.EUR = { ...s.sums.VND!, granted: '1', exchangedIn: '0' };
      s.balances.EUR = { ...s.balances.VND!, bank: '1', float: '0', fund: '1', exchange: '0' };
    }),
  ],
  [
    'a grant that was not received',
    'sums',
    'granted-does-not-continue',
    sealedAs((s) => (s.sums.THB!.granted = '99000000')),
  ],
  [
    'another number of entries',
    'entries',
    'other-number-of-entries',
    sealedAs((_, auditor) => (auditor.entries = '17')),
  ],
  [
    'another number of transfers',
    'entries',
    'other-number-of-transfers',
    sealedAs((_, auditor) => (auditor.transfersPaid = '3')),
  ],
  ['another band than that of the transfers', 'entries', 'other-count-band', sealedAs((s) => (s.countBand = '11-50'))],
];

describe('a bundle that is not as it should be', () => {
  it.each([...form, ...signatures, ...history, ...seals, ...sums, ...entries])(
    '%s: %s, %s',
    async (_, step, code, tamper, options = () => ({})) => {
      const findings = await check(tamper(), options());
      expect(findings.holds).toBe(false);
      expect(faultsOf(findings)[0]).toBe(`${step}: ${code}`);
      for (const { holds, says, detail = '.', code: given } of findings.steps) {
        expect(says).toMatch(/^[A-Z0-9].*\.$/s);
        expect(detail).not.toBe('');
        expect(given === undefined).toBe(holds !== false);
      }
    },
  );

  it('says that too few witnesses make a promise and no proof', async () => {
    const { steps } = await check(report.donor, { quorum: 3 });
    expect(steps[2]?.says).toMatch(/promise, not a proof/);
  });

  it('shows no figures of a report that is not in the log, or in one that nobody signed', async () => {
    const bare = donorWith((b) => b.seal.index--)();
    expect((await check(bare)).figures).toBeUndefined();
    const unsigned = donorWith((b) => (b.checkpoint = b.checkpoint.replace(/— log\.example.*\n/, '')))();
    expect((await check(unsigned)).figures).toBeUndefined();
  });

  it('cannot speak to a terminal by the names of its fields', async () => {
    const { steps } = await check('{"\\u001b[2J\\u202e": 1}');
    expect(steps[0]?.detail).toMatch(/^\ufffd\[2J\ufffd is no field/);
  });

  it('is told where it is malformed', async () => {
    const { steps } = await check(sealSaying((s) => (s.sums.THB!.paid = '+9'))());
    expect(steps[0]?.detail).toBe('seal.donor.text.sums.THB.paid is not a whole number of minor units.');
  });

  it('and cryptography that does not work here is a step that does not hold', async () => {
    const verifyEd25519 = () => Promise.reject(new Error('Algorithm: Unrecognized name'));
    const findings = await checkBundle({ ...nodePrimitives, verifyEd25519 }, report.donor);
    expect(findings.holds).toBe(false);
    expect(faultsOf(findings)).toEqual([
      'log-signature: not-checkable',
      'witnesses: not-checkable',
      'history: not-checkable',
    ]);
  });
});
