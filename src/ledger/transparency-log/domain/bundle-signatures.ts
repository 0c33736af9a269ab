/** Who signed the state of the log that a bundle stands on: the log, and enough who watch it. Runs in a browser too. */
import { counted, shown, StepFault } from './bundle-findings.js';
import type { ReadCheckpoint } from './bundle-reading.js';
import type { Check, Outcome } from './bundle-step.js';
import { equalBytes } from './bytes.js';
import type { Primitives } from './primitives.js';
import { NoteError, parseVerifierKey, verifyNote, type KeyKind, type VerifierKey } from './signed-note.js';

export const DEFAULT_QUORUM = 2;

export async function checkLogSignature({ primitives, read, options }: Check): Promise<Outcome> {
  const { note, checkpoint } = read.checkpoint;
  const stated = read.bundle.log.vkey;
  if (options.logKey !== undefined) {
    await givenKey(primitives, options.logKey, 'ed25519');
    if (options.logKey.trim() !== stated)
      throw new StepFault(
        'other-log-key',
        'The file names another key for the log than the one that you gave.',
        `In the file: ${shown(stated)}`,
      );
  }
  const key = read.logKey;
  await verifyNote(primitives, note, [key]).catch((error: unknown) => {
    if (!(error instanceof NoteError)) throw error;
    throw error.code === 'bad-signature'
      ? new StepFault(
          'false-log-signature',
          "The signature of the log's key is false: the state was changed after it was signed.",
        )
      : new StepFault(
          'not-signed-by-log',
          "The log's key did not sign the state of the log that this report stands on.",
        );
  });
  if (checkpoint.origin !== key.name)
    throw new StepFault('other-origin', 'What the key signed is the state of another log than its own.');
  const lines = counted(checkpoint.size);
  return options.logKey === undefined
    ? {
        holds: true,
        says: `The log's key that stands in this file signed the state of the log, ${lines} lines long.`,
        detail: `Compare it with the key that you were given on another way, when you made your gift:\n${shown(stated)}`,
      }
    : { holds: true, says: `The log's key that you gave signed the state of the log, ${lines} lines long.` };
}

export async function checkWitnesses({ primitives, read, options }: Check): Promise<Outcome> {
  const quorum = options.quorum ?? DEFAULT_QUORUM;
  const areGiven = (options.witnessKeys?.length ?? 0) > 0;
  const keys: VerifierKey[] = areGiven ? [] : read.witnessKeys;
  for (const vkey of options.witnessKeys ?? []) keys.push(await givenKey(primitives, vkey, 'cosignature'));
  const signed = await verifyNote(primitives, read.checkpoint.note, keys).catch((error: unknown) => {
    if (!(error instanceof NoteError)) throw error;
    if (error.code === 'not-signed-by-known-key') return [];
    throw new StepFault(
      'false-cosignature',
      'A signature that is said to be of a witness is false.',
      shown(error.message),
    );
  });
  const witnesses = different(
    signed.map(({ key }) => key),
    read.logKey,
  );
  const names = witnesses.map(({ name }) => shown(name)).join(', ');
  if (!(witnesses.length >= quorum && quorum >= 1))
    throw new StepFault(
      'too-few-witnesses',
      `Only ${counted(witnesses.length)} of the ${counted(quorum)} different witnesses that are needed signed this state: without them it is the operator's promise, not a proof.`,
      names ? `Signed: ${names}.` : undefined,
    );
  return {
    holds: true,
    says: `${counted(witnesses.length)} different witnesses signed that they saw the same state: ${names}.`,
    ...(!areGiven && {
      detail: `Their keys stand in this file. Compare them with those that you were given on another way:\n${witnesses
        .map((key) => shown(read.bundle.log.witnesses[read.witnessKeys.indexOf(key)] ?? key.name))
        .join('\n')}`,
    }),
  };
}

/** Those of whom no two share a name or a key, without the log itself. */
function different(keys: readonly VerifierKey[], log: VerifierKey): VerifierKey[] {
  const taken = [log];
  for (const key of keys)
    if (!taken.some(({ name, publicKey }) => name === key.name || equalBytes(publicKey, key.publicKey)))
      taken.push(key);
  return taken.slice(1);
}

async function givenKey(primitives: Primitives, vkey: string, kind: KeyKind): Promise<VerifierKey> {
  const key = await parseVerifierKey(vkey.trim(), primitives).catch((error: unknown) => {
    if (!(error instanceof NoteError)) throw error;
    throw new StepFault('given-key-malformed', 'A key that you gave cannot be read.', shown(error.message));
  });
  if (key.kind !== kind)
    throw new StepFault(
      'given-key-malformed',
      kind === 'ed25519'
        ? "What you gave as the log's key is the key of a witness."
        : 'What you gave as the key of a witness is the key of a log.',
      shown(vkey),
    );
  return key;
}

/** By this key, as the state of the log that is named in it. */
export async function isSignedBy(
  primitives: Primitives,
  { note, checkpoint }: ReadCheckpoint,
  key: VerifierKey,
): Promise<boolean> {
  try {
    await verifyNote(primitives, note, [key]);
  } catch (error) {
    if (error instanceof NoteError) return false;
    throw error;
  }
  return checkpoint.origin === key.name;
}
