import { beforeAll, describe, expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { busyQuarter, FUND, logSigner, reportOf, witnesses, type Report } from '../../../../test/support/bundles.js';
import { chanceFor } from '../../../../test/support/chance.js';
import { checkBundle } from './bundle-check.js';
import type { BundleFindings } from './bundle-findings.js';
import { bundleText } from './bundle-reading.js';
import type { CheckOptions } from './bundle-step.js';
import type { Bundle } from './bundle.js';
import { nodePrimitives } from './node-primitives.js';

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

const held = ({ steps }: BundleFindings) => steps.map(({ step, holds }) => `${step}: ${holds}`);

describe('a bundle that is as it should be', () => {
  it('holds for a donor, in six steps, with the figures of the seal', async () => {
    const findings = await check(report.donor);
    expect(held(findings)).toEqual([
      'file: true',
      'log-signature: true',
      'witnesses: true',
      'history: true',
      'seal: true',
      'sums: true',
    ]);
    expect(findings.holds).toBe(true);
    expect(findings.figures).toEqual({
      fund: FUND,
      period: '2026-Q2',
      from: '2026-04-01',
      through: '2026-06-30',
      countBand: '1-10',
      sums: {
        THB: { granted: '90000000', paid: '1800000', returned: '450000', exchangedIn: '0', exchangedOut: '5000000' },
        VND: { granted: '0', paid: '0', returned: '0', exchangedIn: '350000007', exchangedOut: '0' },
      },
      balances: {
        THB: expect.objectContaining({ paid: '3600000', returned: '900000' }),
        VND: expect.objectContaining({ exchange: '14', float: '2000000' }),
      },
    });
    expect(findings.labels).toEqual({ fundCode: 'F-1', fundName: 'Cash for survivors', donor: 'A foundation' });
  });

  it('holds for an auditor, in seven steps, with the exact counts', async () => {
    const findings = await check(report.auditor);
    expect(held(findings).at(-1)).toBe('entries: true');
    expect(findings.holds).toBe(true);
    expect(findings.figures).toMatchObject({ entries: '16', transfersPaid: '2' });
  });

  it('holds as the bytes of a file, unless they are no UTF-8', async () => {
    const file = Buffer.from(JSON.stringify(report.donor));
    expect(await checkBundle(nodePrimitives, file)).toMatchObject({ holds: true });
    file[file.indexOf('Cash')] = 0xe4;
    expect(faultsOf(await checkBundle(nodePrimitives, file))).toEqual(['file: not-json']);
  });

  it('holds when it was parsed before', async () => {
    expect(await checkBundle(nodePrimitives, report.auditor)).toMatchObject({ holds: true });
  });

  it('holds for the first period, and says that there was nothing to compare with', async () => {
    const findings = await check(first.donor);
    expect(findings).toMatchObject({ holds: true });
    expect(held(findings)).toContain('history: not asked');
  });

  it('holds with the keys that the reader was given, and no longer asks to compare them', async () => {
    const given = { logKey: logSigner.vkey, witnessKeys: witnesses.map(({ vkey }) => vkey) };
    const details = ({ steps }: BundleFindings) =>
      steps.filter(({ step, detail }) => /signature|witnesses/.test(step) && detail).map(({ step }) => step);
    expect(details(await check(report.donor))).toEqual(['log-signature', 'witnesses']);
    const findings = await check(report.donor, given);
    expect([findings.holds, details(findings)]).toEqual([true, []]);
    expect(findings.verdict).toBe('Everything holds.');
    for (const half of [{ logKey: given.logKey }, { witnessKeys: given.witnessKeys }])
      expect((await check(report.donor, half)).verdict).toMatch(/^Everything holds if the keys in this file/);
  });

  it.each([
    ['the checkpoint of the report before', () => report.donor.previous?.checkpoint ?? ''],
    ['the report before as a whole', () => JSON.stringify(first.donor)],
    ['its own checkpoint', () => report.donor.checkpoint],
  ])('continues %s, kept by the reader', async (_, kept) => {
    const findings = await check(report.donor, { earlier: kept() });
    expect(faultsOf(findings)).toEqual([]);
    expect(findings.steps[3]?.says).toMatch(/agrees with what you kept/);
  });

  it('holds in a large log, with more than one level of tiles', async () => {
    const { auditor } = reportOf([busyQuarter('2026-Q1'), busyQuarter('2026-Q2')], { dummies: 700 });
    expect(faultsOf(await check(auditor))).toEqual([]);
  });

  it('holds when a payment of an earlier period was taken back and none was made', async () => {
    const taken = { period: '2026-Q2', moves: [{ state: 'reversal of settle' as const, amount: 900_000 }] };
    const findings = await check(reportOf([busyQuarter('2026-Q1'), taken]).auditor);
    expect(faultsOf(findings)).toEqual([]);
    expect(findings.figures).toMatchObject({ countBand: '0', transfersPaid: '-1', sums: { THB: { paid: '-900000' } } });
  });

  it('tells an auditor of its progress', async () => {
    const seen: number[] = [];
    await check(report.auditor, { onProgress: ({ done, total }) => void seen.push(done, total) });
    expect(seen).toEqual([16, 16]);
  });

  it('costs an auditor a few hashes for each entry', async () => {
    const moves = Array.from({ length: 400 }, () => ({ state: 'settle' as const, amount: 100 }));
    const { auditor } = reportOf([{ period: '2026-Q1', moves }], { dummies: 3_000 });
    let hashes = 0;
    const sha256 = (data: Uint8Array) => (hashes++, nodePrimitives.sha256(data));
    const findings = await checkBundle({ ...nodePrimitives, sha256 }, auditor);
    expect(findings.holds).toBe(true);
    expect(hashes).toBeLessThan(400 * 7);
  });
});

describe('any leaf of the JSON of a bundle', () => {
  type Place = { holder: Record<string, unknown>; name: string; path: string };

  function* leavesOf(value: unknown, path = ''): Generator<Place> {
    for (const [name, member] of Object.entries(value as object)) {
      if (member !== null && typeof member === 'object') yield* leavesOf(member, `${path}.${name}`);
      else yield { holder: value as Record<string, unknown>, name, path: `${path}.${name}` };
    }
  }

  it('that is changed, left out or doubled is noticed, but for the names that the operator gives', async () => {
    const noticed = async (change: (place: Place) => void, at: number) => {
      const bundle = structuredClone(report.auditor);
      const place = [...leavesOf(bundle)][at]!;
      change(place);
      return (await check(bundle)).holds ? place.path : undefined;
    };
    const places = [...leavesOf(report.auditor)].length;
    const unnoticed = new Set<string | undefined>();
    for (let at = 0; at < places; at++) {
      unnoticed.add(
        await noticed(
          ({ holder, name }) =>
            (holder[name] = typeof holder[name] === 'number' ? Number(holder[name]) + 1 : `${String(holder[name])}0`),
          at,
        ),
      );
      unnoticed.add(
        await noticed(
          ({ holder, name }) => (holder[name] = typeof holder[name] === 'number' ? 0 : String(holder[name]).slice(1)),
          at,
        ),
      );
    }
    unnoticed.delete(undefined);
    expect([...unnoticed].sort()).toEqual(['.fund.code', '.fund.donor', '.fund.name']);
  });
});

describe('a byte of the file', () => {
  it('that is changed by chance is noticed, or does not matter', async () => {
    const chance = chanceFor('bytes of a bundle');
    const file = Buffer.from(JSON.stringify(report.auditor, null, 1));
    const meant = withoutNames(report.auditor);
    const original = await check(report.auditor);
    let held = 0;
    for (let round = 0; round < 1_500; round++) {
      const mutated = Buffer.from(file);
      const at = chance.integer(0, file.length - 1);
      mutated[at] = chance.percent(50) ? chance.integer(0, 255) : mutated[at]! ^ (1 << chance.integer(0, 7));
      if (mutated.equals(file)) continue;
      let read: string;
      try {
        read = bundleText(mutated);
      } catch {
        continue; // no longer UTF-8
      }
      const findings = await check(read);
      if (!findings.holds) continue;
      held++;
      // Space between the fields, a name, or a signature below the state before that is by nobody whom the file knows.
      expect(passedOver(withoutNames(JSON.parse(read) as Bundle))).toEqual(passedOver(meant));
      expect(findings.figures).toEqual(original.figures);
    }
    expect(held).toBeLessThan(400);
  });

  function withoutNames(bundle: Bundle): Bundle {
    return { ...bundle, fund: { ...bundle.fund, code: '', name: '', donor: '' } };
  }

  /** Without the witnesses' lines below the state before: a note's readers pass over signatures by keys that they do not know. */
  function passedOver(bundle: Bundle): Bundle {
    const { previous } = bundle;
    if (!previous) return bundle;
    const [state = '', log = ''] = previous.checkpoint.split(/\n\n|(?<=\n)(?=— [^\n]*\n)/);
    return { ...bundle, previous: { ...previous, checkpoint: `${state}\n\n${log}` } };
  }
});

it('a browser can run the check: it reaches nothing of Node', () => {
  const reached = new Map<string, string>();
  const reach = (file: string): void => {
    if (reached.has(file)) return;
    const source = readFileSync(file, 'utf8');
    reached.set(file, source);
    for (const [, imported = ''] of source.matchAll(/^(?:import|export) (?!type )[^;]*? from '(.*)';$/gm)) {
      expect([file, imported]).toEqual([file, expect.stringMatching(/^\.{1,2}\//)]);
      reach(join(dirname(file), imported.replace(/\.js$/, '.ts')));
    }
  };
  reach(join(import.meta.dirname, 'bundle-check.ts'));
  expect(reached.size).toBeGreaterThan(10);
  for (const [file, source] of reached)
    expect([file, /\b(Buffer|process)\.|\brequire\(|\bnode:/.test(source)]).toEqual([file, false]);
});
