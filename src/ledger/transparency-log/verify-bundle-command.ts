/** `uct verify-bundle`: checks a bundle from a file, with no database and no network, on whichever machine it is run. */
import { readFileSync, statSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { printable } from '../../kernel/domain/visible-text.js';
import { currencies } from '../../kernel/reference-data.js';
import { checkBundle } from './domain/bundle-check.js';
import { STEP_TITLES, type BundleFindings, type SealedFigures, type StepFinding } from './domain/bundle-findings.js';
import { bundleText } from './domain/bundle-reading.js';
import { DEFAULT_QUORUM } from './domain/bundle-signatures.js';
import type { CheckOptions, Progress } from './domain/bundle-step.js';
import { LARGEST_BUNDLE_BYTES } from './domain/bundle.js';
import { figureTable } from './domain/figure-table.js';
import { nodePrimitives } from './domain/node-primitives.js';
import { NoteError, parseVerifierKey, type KeyKind } from './domain/signed-note.js';

const USAGE = `uct verify-bundle FILE [--log-key KEY] [--witness KEY]... [--quorum NUMBER] [--earlier FILE] [--json]
  --log-key  the log's key as you were given it, on another way than this file
  --witness  a witness's key as you were given it; once for each
  --quorum   how many different witnesses have to have signed (${DEFAULT_QUORUM})
  --earlier  a checkpoint that you kept from before, or the bundle that it was in
Exit 0 when everything holds, 1 when not, 2 when nothing could be checked.
`;

/** A sentence on why nothing was checked. */
class Unusable extends Error {}

/** Exit code: 0 when all holds, 1 when not, 2 when the arguments or the file cannot be read. */
export async function runVerifyBundle(args: string[]): Promise<number> {
  try {
    const { file, json, ...options } = await readArguments(args);
    const findings = await checkBundle(nodePrimitives, readFile(file), {
      ...options,
      onProgress: progressOn(process.stderr),
    });
    process.stdout.write(printable(json ? `${JSON.stringify(findings, null, 2)}\n` : inWords(findings)));
    return findings.holds ? 0 : 1;
  } catch (error) {
    if (!(error instanceof Unusable)) throw error;
    process.stderr.write(printable(`${error.message}\n`));
    return 2;
  }
}

async function readArguments(args: string[]): Promise<{ file: string; json: boolean } & CheckOptions> {
  const { values, positionals } = parsed(args);
  const [file, ...more] = positionals;
  if (file === undefined || more.length > 0) throw new Unusable(`Give one file.\n${USAGE}`);
  const quorum = Number(values.quorum ?? DEFAULT_QUORUM);
  if (!/^[1-9]\d?$/.test(values.quorum ?? String(DEFAULT_QUORUM)))
    throw new Unusable(`--quorum is a number from 1 to 99.\n${USAGE}`);
  if (values['log-key'] !== undefined) await refuseOtherKey('--log-key', values['log-key'], 'ed25519');
  for (const vkey of values.witness ?? []) await refuseOtherKey('--witness', vkey, 'cosignature');
  return {
    file,
    json: values.json ?? false,
    quorum,
    ...(values['log-key'] !== undefined && { logKey: values['log-key'] }),
    ...(values.witness && { witnessKeys: values.witness }),
    ...(values.earlier !== undefined && { earlier: textOf(readFile(values.earlier), values.earlier) }),
  };
}

function parsed(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        'log-key': { type: 'string' },
        witness: { type: 'string', multiple: true },
        quorum: { type: 'string' },
        earlier: { type: 'string' },
        json: { type: 'boolean' },
      },
    });
  } catch (error) {
    throw new Unusable(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
  }
}

async function refuseOtherKey(option: string, vkey: string, kind: KeyKind): Promise<void> {
  try {
    const key = await parseVerifierKey(vkey, nodePrimitives);
    if (key.kind !== kind) throw new Unusable(`${option} is the key of ${kind === 'ed25519' ? 'a witness' : 'a log'}.`);
  } catch (error) {
    if (!(error instanceof NoteError)) throw error;
    throw new Unusable(`${option} cannot be read: ${error.message}`);
  }
}

function textOf(bytes: Uint8Array, path: string): string {
  try {
    return bundleText(bytes);
  } catch {
    throw new Unusable(`${path} is no text.`);
  }
}

function readFile(path: string): Buffer {
  try {
    if (statSync(path).size > LARGEST_BUNDLE_BYTES) throw new Unusable(`${path} is larger than any bundle.`);
    return readFileSync(path);
  } catch (error) {
    if (error instanceof Unusable) throw error;
    throw new Unusable(`${path} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'}).`);
  }
}

/** One line that is written over, on a terminal only. */
function progressOn(stream: NodeJS.WriteStream): (progress: Progress) => void {
  return ({ done, total }) => {
    if (stream.isTTY) stream.write(done === total ? '\r\x1b[K' : `\rChecking entries: ${done} of ${total}`);
  };
}

const VERDICTS = new Map<StepFinding['holds'], string>([
  [true, 'holds'],
  [false, 'DOES NOT HOLD'],
  ['not asked', 'not asked'],
]);

function inWords(findings: BundleFindings): string {
  const steps = findings.steps.map(({ step, holds, says, detail, code }) =>
    [
      `${(VERDICTS.get(holds) ?? '').padEnd(15)}${STEP_TITLES[step]}`,
      ...[says, ...(detail?.split('\n') ?? []), code ? `Code: ${code}` : '']
        .filter((line) => line !== '')
        .map((line) => `${' '.repeat(15)}${line}`),
    ].join('\n'),
  );
  const { figures, labels } = findings;
  const names =
    labels &&
    `Called "${labels.fundCode}, ${labels.fundName}" for "${labels.donor}" by the operator; nothing proves these names.`;
  return (
    [steps.join('\n'), figures && figuresInWords(figures), names, findings.verdict].filter(Boolean).join('\n\n') + '\n'
  );
}

function figuresInWords(figures: SealedFigures): string {
  const { headings, groups } = figureTable(figures, currencies);
  const rows = groups.flatMap(({ title, rows: some }) => [
    { label: title, amounts: headings },
    ...some.map(({ label, amounts }) => ({ label: `  ${label}`, amounts })),
  ]);
  const widest = (texts: string[]) => Math.max(...texts.map(({ length }) => length));
  const first = widest(rows.map(({ label }) => label));
  const widths = headings.map((_, column) => widest(rows.map(({ amounts }) => amounts[column] ?? '')));
  const table = rows.map(({ label, amounts }) =>
    [label.padEnd(first), ...amounts.map((amount, column) => amount.padStart(widths[column] ?? 0))].join('   '),
  );
  const exact =
    figures.transfersPaid === undefined ? '' : ` (exactly ${figures.transfersPaid}, in ${figures.entries} entries)`;
  return [
    `What the report of ${figures.period} (${figures.from} to ${figures.through}) says of fund ${figures.fund}`,
    `Payments that arrived: ${figures.countBand}${exact}`,
    ...table,
  ].join('\n');
}
