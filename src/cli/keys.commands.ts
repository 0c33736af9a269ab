/** Commands about the keys that protect identities: changing what they are wrapped under, and keeping them apart from other backups. */
import { existsSync, readFileSync } from 'node:fs';
import { operatorActor } from '../access/domain/actor.js';
import { KEY_FILE_DAYS } from '../clients/domain/key-file.js';
import { KeyBackups } from '../clients/identity-vault/key-backups.service.js';
import { KeyRotation, type Rotation } from '../clients/identity-vault/key-rotation.service.js';
import { Restoration } from '../clients/rights/restoration.service.js';
import { writePrivateFile } from '../kernel/database/embedded-home.js';
import { Problem } from '../kernel/domain/problem.js';
import { sentence } from '../kernel/domain/sentence.js';
import { print, textOf, type Command } from './command.js';
import { progressOn } from './progress.js';

export const keysCommands: Record<string, Command> = {
  'rotate-keys': {
    usage: 'rotate-keys [--json]',
    does: "wraps every client's data key anew under the current key, while the service works; can be run again at any time",
    async run(app, { json }) {
      const showProgress = json ? undefined : progressOn(process.stderr, 'Rewrapping data keys');
      const rotation = await app
        .get(KeyRotation)
        .run(operatorActor('command line'), (done, of) =>
          showProgress?.(Math.floor((100 * done) / Math.max(1, of)), `${done} of ${of}`),
        );
      print(json ? JSON.stringify(rotation, null, 2) : told(rotation));
      return rotation.failed === 0 ? 0 : 1;
    },
  },
  'back-up-keys': {
    usage: 'back-up-keys FILE [--json]',
    does: `writes the wrapped data keys and who is erased to a file; it restores for ${KEY_FILE_DAYS} days and must be deleted then`,
    takesFile: true,
    async run(app, flags) {
      const file = textOf(flags, 'file') ?? '';
      if (existsSync(file))
        throw Problem.refused('file-is-there', sentence('{file} is there already. Name a new one.', { file }), 'file');
      const { text, keys, erased } = await app.get(KeyBackups).backUp(operatorActor('command line'));
      writePrivateFile(file, text);
      print(flags.json ? JSON.stringify({ keys, erased }) : `${keys} keys and ${erased} erased clients: ${file}`);
      return 0;
    },
  },
  'restore-keys': {
    usage: 'restore-keys FILE [--json]',
    does: 'puts back the data keys of a file, and erases again whoever it knows as erased',
    takesFile: true,
    async run(app, flags) {
      const text = read(textOf(flags, 'file') ?? '');
      const restored = await app.get(Restoration).restore(operatorActor('command line'), text);
      const { keys, newlyErased, withoutKey, underWay, ended } = restored;
      if (flags.json) print(JSON.stringify(restored));
      else {
        print(`${keys} keys came back.`);
        print(
          `Everybody is signed out: ${ended.sessions} sessions, ${ended.tokens} tokens and ${ended.links} links ended.`,
        );
        if (newlyErased > 0) print(`${newlyErased} clients were erased again.`);
        if (withoutKey > 0)
          print(`${withoutKey} clients are not erased and have no key: nobody can read who they are.`);
        if (underWay > 0)
          print(
            `${underWay} clients who were erased have a payment in a run or on its way here. Record its result or take it out of its run, and restore once more.`,
          );
      }
      return withoutKey + underWay === 0 ? 0 : 1;
    },
  },
};

function told({ provider, keyId, rewrapped, failed, under }: Rotation): string {
  return [
    `${rewrapped} data keys were wrapped anew by ${provider}, under ${keyId}.`,
    ...(failed > 0 ? [`${failed} data keys open under no key that was given, and were left as they are.`] : []),
    'Data keys now:',
    ...under.map((one) => `  ${String(one.keys).padStart(8)}  ${one.provider}  ${one.keyId}`),
  ].join('\n');
}

/** Throws `file-unreadable` (422). */
function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    throw Problem.refused('file-unreadable', sentence('{file} cannot be read.', { file }), 'file');
  }
}
