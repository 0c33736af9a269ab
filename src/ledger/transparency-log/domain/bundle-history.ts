/** Whether the log is still the one that the report before stood on, and that the reader saw. Runs in a browser too. */
import { addDays } from '../../../kernel/domain/plain-date.js';
import { counted, shown, StepFault } from './bundle-findings.js';
import { keptCheckpoint, readCheckpoint, type ReadBundle, type ReadCheckpoint } from './bundle-reading.js';
import { isSignedBy } from './bundle-signatures.js';
import type { Check, Outcome } from './bundle-step.js';
import { equalBytes } from './bytes.js';
import { hashBytes } from './leaf-check.js';
import { checkConsistency } from './proof-check.js';

export async function checkHistory(check: Check): Promise<Outcome> {
  const { previous } = check.read;
  const { earlier } = check.options;
  if (previous) await checkPrevious(check, previous);
  if (earlier !== undefined) await checkEarlier(check, earlier);
  if (previous) {
    const lines = counted(previous.checkpoint.checkpoint.size);
    const says = `The log still holds, unchanged, all ${lines} lines that the report of ${previous.seal.period} stood on`;
    return earlier === undefined
      ? {
          holds: true,
          says: `${says}.`,
          detail: 'Give the report that you kept from then, to make sure that you were shown the same log.',
        }
      : { holds: true, says: `${says}, and it agrees with what you kept.` };
  }
  if (earlier !== undefined) return { holds: true, says: 'The state of the log is the one that you kept.' };
  return {
    holds: 'not asked',
    says: 'This is the first report of this fund, and you gave nothing that you kept from before: there is nothing to compare with.',
    detail: 'Keep this file, and give it when you check the next report.',
  };
}

async function checkPrevious(
  { primitives, read, leaves }: Check,
  previous: NonNullable<ReadBundle['previous']>,
): Promise<void> {
  const { checkpoint, seal } = previous;
  const stated = read.bundle.previous;
  if (!stated) return;
  if (!(await isSignedBy(primitives, checkpoint, read.logKey)))
    throw new StepFault('previous-not-signed', "The log's key did not sign the state that the report before stood on.");
  const { size, root } = read.checkpoint.checkpoint;
  const continues = await checkConsistency(primitives, {
    oldSize: checkpoint.checkpoint.size,
    oldRoot: checkpoint.checkpoint.root,
    newSize: size,
    newRoot: root,
    proof: stated.proof.map(hashBytes),
  });
  if (!continues)
    throw new StepFault(
      'history-rewritten',
      'The log is not a continuation of the one that the report before stood on: lines were changed or taken out.',
    );
  const leaf = await leaves.check(stated.seal, stated.seal);
  if (leaf === 'opening-false')
    throw new StepFault(
      'previous-opening-false',
      'What is shown of the report before is not what the log holds of it.',
    );
  if (leaf === 'not-in-log' || stated.seal.index >= checkpoint.checkpoint.size)
    throw new StepFault('previous-seal-not-in-log', 'The report before is not in the log that it is said to be in.');
  if (seal.fund !== read.bundle.fund.id)
    throw new StepFault('previous-of-other-fund', 'The report before is of another fund.');
  if (stated.period !== seal.period || addDays(seal.through, 1) !== read.bundle.period.from)
    throw new StepFault(
      'previous-not-adjacent',
      `The report before is of ${seal.period}, which does not end on the day before ${read.bundle.period.from}.`,
    );
}

async function checkEarlier({ primitives, read }: Check, earlier: string): Promise<void> {
  let kept: ReadCheckpoint;
  try {
    kept = readCheckpoint(keptCheckpoint(earlier));
  } catch (error) {
    const detail = shown(error instanceof Error ? error.message : String(error));
    throw new StepFault(
      'earlier-malformed',
      'What you kept from before is no state of a log that can be read.',
      detail,
    );
  }
  if (!(await isSignedBy(primitives, kept, read.logKey)))
    throw new StepFault('earlier-not-of-this-log', 'The state that you kept was not signed by the key of this log.');
  const known = [read.checkpoint, ...(read.previous ? [read.previous.checkpoint] : [])];
  const same = known.find(({ checkpoint }) => checkpoint.size === kept.checkpoint.size);
  if (!same)
    throw new StepFault(
      'earlier-not-covered',
      'This file says nothing about the state that you kept: check the report that follows it first, then each one after that.',
      `You kept a state of ${counted(kept.checkpoint.size)} lines; this file speaks of ${known.map(({ checkpoint }) => counted(checkpoint.size)).join(' and ')}.`,
    );
  if (!equalBytes(same.checkpoint.root, kept.checkpoint.root))
    throw new StepFault(
      'earlier-contradicted',
      'The log shows you another history than it did before: the state that you kept and the one in this file, both signed, cannot both be true.',
      `Both are of ${counted(kept.checkpoint.size)} lines. Keep both files: together they prove it.`,
    );
}
