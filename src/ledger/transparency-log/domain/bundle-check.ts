/** How somebody outside checks a bundle, with nothing but the bundle: step by step, never raising, nothing taken on trust. Runs in a browser too. */
import { checkEntries } from './bundle-entries.js';
import {
  counted,
  shown,
  StepFault,
  STEPS,
  type BundleFindings,
  type SealedFigures,
  type Step,
  type StepFinding,
} from './bundle-findings.js';
import { checkHistory } from './bundle-history.js';
import { readBundle, type BundleFile, type ReadBundle } from './bundle-reading.js';
import { checkLogSignature, checkWitnesses } from './bundle-signatures.js';
import type { Check, CheckOptions, Outcome } from './bundle-step.js';
import { LeafCheck } from './leaf-check.js';
import type { Primitives } from './primitives.js';
import { sidesOf, type SealedBalances } from './seal-text.js';
import { FormFault } from './strict-form.js';

/** Never raises: what cannot be read or verified is a step that does not hold. */
export async function checkBundle(
  primitives: Primitives,
  file: BundleFile,
  options: CheckOptions = {},
): Promise<BundleFindings> {
  let read: ReadBundle;
  try {
    read = await readBundle(primitives, file);
  } catch (error) {
    const unread = STEPS.slice(1, -1).map((step): StepFinding => ({ step, holds: 'not asked', says: UNREAD }));
    return { holds: false, verdict: DOES_NOT_HOLD, steps: [failed('file', error), ...unread] };
  }
  const { bundle } = read;
  const leaves = new LeafCheck(primitives, read.checkpoint.checkpoint);
  const check = { primitives, read, leaves, options };
  const steps: StepFinding[] = [
    {
      step: 'file',
      holds: true,
      says: 'The file is a report of the known form, and every field in it is well formed.',
    },
    await carriedOut('log-signature', () => checkLogSignature(check)),
    await carriedOut('witnesses', () => checkWitnesses(check)),
    await carriedOut('history', () => checkHistory(check)),
    await carriedOut('seal', () => checkSeal(check)),
    await carriedOut('sums', () => checkSums(read)),
  ];
  if (bundle.entries) steps.push(await carriedOut('entries', () => checkEveryEntry(check)));
  const stands = (step: Step) => steps.find((finding) => finding.step === step)?.holds === true;
  const holds = steps.every((finding) => finding.holds !== false);
  return {
    holds,
    verdict: !holds ? DOES_NOT_HOLD : hasGivenKeys(options) ? HOLDS : HOLDS_BY_ITS_OWN_KEYS,
    steps,
    ...(stands('log-signature') && stands('seal') && { figures: figuresOf(read) }),
    labels: { fundCode: bundle.fund.code, fundName: bundle.fund.name, donor: bundle.fund.donor },
  };
}

const DOES_NOT_HOLD = 'This report does not hold: do not rely on it.';
const HOLDS = 'Everything holds.';
const HOLDS_BY_ITS_OWN_KEYS =
  'Everything holds if the keys in this file are the right ones: compare them with those that you were given.';

function hasGivenKeys({ logKey, witnessKeys = [] }: CheckOptions): boolean {
  return logKey !== undefined && witnessKeys.length > 0;
}

const UNREAD = 'Not looked at, because the file is not of the known form.';

async function carriedOut(step: Step, work: () => Outcome | Promise<Outcome>): Promise<StepFinding> {
  try {
    return { step, ...(await work()) };
  } catch (error) {
    return failed(step, error);
  }
}

function failed(step: Step, error: unknown): StepFinding {
  if (error instanceof StepFault)
    return { step, holds: false, says: error.says, ...(error.detail && { detail: error.detail }), code: error.code };
  if (error instanceof FormFault) {
    const where = error.path.length > 0 ? shown(error.path.join('.')) : 'The file';
    const says = 'The file is not a report of the known form, so nothing in it can be relied on.';
    return { step, holds: false, says, detail: `${where} ${error.message}.`, code: error.code };
  }
  const detail = shown(error instanceof Error ? error.message : String(error));
  return { step, holds: false, says: 'This step could not be carried out here.', detail, code: 'not-checkable' };
}

async function checkSeal({ read, leaves }: Check): Promise<Outcome> {
  const { bundle, seal } = read;
  const leaf = await leaves.check(bundle.seal, bundle.seal);
  if (leaf === 'opening-false')
    throw new StepFault('seal-opening-false', 'What this file shows of the report is not what was put into the log.');
  if (leaf === 'not-in-log') throw new StepFault('seal-not-in-log', 'The report is not in the log.');
  if (seal.fund !== bundle.fund.id)
    throw new StepFault('seal-of-other-fund', 'What is in the log is the report of another fund.');
  if (seal.period !== bundle.period.name)
    throw new StepFault('seal-of-other-period', `What is in the log is the report of another period, ${seal.period}.`);
  return {
    holds: true,
    says: `The report of ${seal.period} is line ${counted(bundle.seal.index + 1)} of the log, word for word as it is shown here.`,
  };
}

function checkSums({ seal, previous }: ReadBundle): Outcome {
  const before = previous?.seal.balances ?? {};
  for (const currency of Object.keys(before))
    if (!seal.balances[currency])
      throw new StepFault(
        'currency-vanished',
        `Money in ${currency} was in the report before, and this one does not tell where it is.`,
      );
  for (const currency of Object.keys(seal.sums))
    if (!seal.balances[currency])
      throw new StepFault(
        'currency-without-balance',
        `Money in ${currency} moved, and the report does not tell what there is of it.`,
      );
  for (const [currency, balances] of Object.entries(seal.balances)) {
    const { held, owed } = sidesOf(balances);
    if (held !== owed)
      throw new StepFault(
        'sides-differ',
        `The books in ${currency} do not balance.`,
        `${held} against ${owed} minor units.`,
      );
    // What came in from outside is what the fund's own side grew by: what is free, promised, and left over.
    const { granted = '0', exchangedIn = '0', exchangedOut = '0' } = seal.sums[currency] ?? {};
    const cameIn = BigInt(granted) + BigInt(exchangedIn) - BigInt(exchangedOut);
    if (ownSide(before[currency]) + cameIn !== ownSide(balances))
      throw new StepFault(
        'granted-does-not-continue',
        `What the fund had in ${currency} until this period, and what came in, is not what it has had in all.`,
        `${ownSide(before[currency])} and ${cameIn} are not ${ownSide(balances)} minor units.`,
      );
    for (const account of ['paid', 'returned'] as const) {
      const start = BigInt(before[currency]?.[account] ?? '0');
      const moved = BigInt(seal.sums[currency]?.[account] ?? '0');
      if (start + moved !== BigInt(balances[account]))
        throw new StepFault(
          `${account}-does-not-continue`,
          `What was ${account} in ${currency} until this period, and in it, is not what was ${account} in all.`,
          `${start} and ${moved} are not ${balances[account]} minor units.`,
        );
    }
  }
  return {
    holds: true,
    says: `In every currency the books balance, and what was paid and what came back ${previous ? 'continue the report before' : 'begin at nothing'}.`,
  };
}

function ownSide(balances: SealedBalances | undefined): bigint {
  return balances ? BigInt(balances.fund) + BigInt(balances.committed) + BigInt(balances.exchange) : 0n;
}

async function checkEveryEntry({ primitives, read, leaves, options }: Check): Promise<Outcome> {
  const { bundle, seal, auditorSeal } = read;
  const { entries, transfersPaid } = await checkEntries(
    primitives,
    leaves,
    { entries: bundle.entries ?? [], seal, auditorSeal },
    options.onProgress,
  );
  return {
    holds: true,
    says: `All ${counted(entries)} entries of the period are in the log, make up the sums, and none was left out or added; ${counted(transfersPaid)} transfers were paid.`,
  };
}

function figuresOf({ seal, auditorSeal }: ReadBundle): SealedFigures {
  const { fund, period, from, through, countBand, sums, balances } = seal;
  const forAuditors = auditorSeal && { entries: auditorSeal.entries, transfersPaid: auditorSeal.transfersPaid };
  return { fund, period, from, through, countBand, sums, balances, ...forAuditors };
}
