/** `uct verify-bundle` as somebody outside runs it: a process of its own, with a file and nothing else. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { BundleFindings } from '../src/ledger/transparency-log/domain/bundle-findings.js';
import { busyQuarter, logSigner, newLogSigner, newWitness, reportOf, witnesses } from './support/bundles.js';

const folder = mkdtempSync(join(tmpdir(), 'uct-bundles-'));
const compiled = join(import.meta.dirname, '..', 'dist', 'ledger', 'transparency-log', 'verify-bundle-command.js');
const command = `
  const { runVerifyBundle } = await import('${pathToFileURL(compiled).href}');
  process.exitCode = await runVerifyBundle(process.argv.slice(1));
`;

function verify(...args: string[]): { code: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--input-type=module', '--eval', command, '--', ...args],
    { cwd: folder, env: {}, encoding: 'utf8' },
  );
  return { code: status, out: stdout, err: stderr };
}

const verdicts = (out: string) =>
  out
    .split('\n')
    .filter((line) => /^(holds|DOES|not asked)/.test(line))
    .map((line) => line.slice(0, 15).trim());

const keys = ['--log-key', logSigner.vkey, ...witnesses.flatMap(({ vkey }) => ['--witness', vkey])];

beforeAll(() => {
  const { donor, auditor } = reportOf([busyQuarter('2026-Q1'), busyQuarter('2026-Q2')]);
  const first = reportOf([busyQuarter('2026-Q1')]).donor;
  const abroad = reportOf([{ period: '2026-Q1', moves: [{ state: 'grant', amount: 1_234_567, currency: 'XTS' }] }]);
  const files = {
    'donor.json': JSON.stringify(donor),
    'auditor.json': JSON.stringify(auditor, null, 2),
    'first.json': JSON.stringify(first),
    'first.checkpoint': first.checkpoint,
    'abroad.json': JSON.stringify(abroad.donor),
    'tampered.json': JSON.stringify(donor).replace('90000000', '91000000'),
    'no-text.json': Buffer.concat([Buffer.from(JSON.stringify(donor)), Buffer.of(0xe4)]),
  };
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content);
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('uct verify-bundle', () => {
  it('tells a donor that everything holds, and what the report says, in major units', () => {
    const { code, out, err } = verify('donor.json', ...keys);
    expect([code, err]).toEqual([0, '']);
    expect(verdicts(out)).toEqual(Array.from({ length: 6 }, () => 'holds'));
    expect(out).toMatch(/Received from donors +900,000\.00 +0\n/);
    expect(out).toMatch(/Bought with another currency +0\.00 +350,000,007\n/);
    expect(out).toContain('Called "F-1, Cash for survivors" for "A foundation" by the operator');
    expect(out).toMatch(/\nEverything holds\.\n$/);
    expect(out.split('\n').length).toBeLessThan(50);
  });

  it('asks to compare the keys when none were given', () => {
    const { code, out } = verify('donor.json');
    expect(code).toBe(0);
    expect(out).toContain(logSigner.vkey);
    expect(out).toMatch(/\nEverything holds if the keys in this file are the right ones/);
  });

  it('tells an auditor of every entry', () => {
    const { code, out } = verify('auditor.json', '--earlier', 'first.json');
    expect(code).toBe(0);
    expect(verdicts(out)).toEqual(Array.from({ length: 7 }, () => 'holds'));
    expect(out).toContain('1-10 (exactly 2, in 16 entries)');
  });

  it('takes an earlier checkpoint as it is', () => {
    expect(verify('donor.json', '--earlier', 'first.checkpoint').code).toBe(0);
  });

  it('says of a first report that there was nothing to compare with', () => {
    const { code, out } = verify('first.json');
    expect([code, verdicts(out)[3]]).toEqual([0, 'not asked']);
  });

  it('shows minor units, and says so, of a currency that it does not know', () => {
    const { code, out } = verify('abroad.json');
    expect(code).toBe(0);
    expect(out).toMatch(/In this period +XTS, minor units\n +Received from donors +1,234,567\n/);
  });

  it('tells which step does not hold, and why', () => {
    const { code, out } = verify('tampered.json');
    expect(code).toBe(1);
    expect(out).toMatch(/\nDOES NOT HOLD +This report is in the log\n.*\n +Code: seal-opening-false\n/);
    expect(out).toMatch(/\nThis report does not hold: do not rely on it\.\n$/);
    expect(out).not.toContain('910,000');
  });

  it.each([
    ['another log key', ['donor.json', '--log-key', newLogSigner('log.example/uct', 'thief').vkey]],
    ['another witness', ['donor.json', '--witness', newWitness('c.example').vkey]],
    ['more witnesses', ['donor.json', '--quorum', '3']],
    ['an earlier state that it does not speak of', ['first.json', '--earlier', 'donor.json']],
    ['bytes that are no text', ['no-text.json']],
    ['a file that is no bundle', ['first.checkpoint']],
  ])('does not hold with %s', (_, args) => {
    expect(verify(...args)).toMatchObject({ code: 1, err: '' });
  });

  it('gives the same as JSON', () => {
    const { code, out } = verify('tampered.json', '--json');
    expect(code).toBe(1);
    const { holds, steps } = JSON.parse(out) as BundleFindings;
    expect([holds, steps[4]]).toEqual([
      false,
      expect.objectContaining({ step: 'seal', holds: false, code: 'seal-opening-false' }),
    ]);
  });

  it.each([
    ['no file', []],
    ['two files', ['donor.json', 'auditor.json']],
    ['a file that is not there', ['nowhere.json']],
    ['a folder', ['.']],
    ['an option that it does not know', ['donor.json', '--force']],
    ['a quorum of nothing', ['donor.json', '--quorum', '0']],
    ['a quorum that is no number', ['donor.json', '--quorum', 'two']],
    ['a log key that is none', ['donor.json', '--log-key', 'log.example+1']],
    ["a witness's key for the log", ['donor.json', '--log-key', witnesses[0]?.vkey ?? '']],
    ["the log's key for a witness", ['donor.json', '--witness', logSigner.vkey]],
    ['an earlier file that is not there', ['donor.json', '--earlier', 'nowhere']],
  ])('checks nothing with %s, and says why', (_, args) => {
    const { code, out, err } = verify(...args);
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(/^\S.*\n/);
    expect(err).not.toMatch(/\n +at /);
  });
});
