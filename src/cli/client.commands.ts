/** Commands about clients: everything held of one, erasing one, and the index by which one who is registered twice is found. */
import { operatorActor } from '../access/domain/actor.js';
import { IndexRebuildService } from '../clients/matching/index-rebuild.service.js';
import { ErasureService } from '../clients/rights/erasure.service.js';
import { ExportService } from '../clients/rights/export.service.js';
import { Problem } from '../kernel/domain/problem.js';
import { certificateText, heldText } from '../web/held-words.js';
import { print, textOf, type Command, type Flags } from './command.js';

export const clientCommands: Record<string, Command> = {
  'export-client': {
    usage: 'export-client --client CODE [--json]',
    does: 'prints everything that is held of a client, for the client; the export is recorded',
    options: { client: { type: 'string' } },
    async run(app, flags) {
      const held = await app.get(ExportService).make(operatorActor('command line'), clientIn(flags));
      print(flags.json ? JSON.stringify(held, null, 2) : heldText(held));
      return 0;
    },
  },
  'erase-client': {
    usage: 'erase-client --client CODE [--json]',
    does: 'erases a client for good and prints the certificate, once; books and proofs stand',
    options: { client: { type: 'string' } },
    async run(app, flags) {
      const certificate = await app.get(ErasureService).erase(operatorActor('command line'), clientIn(flags));
      print(flags.json ? JSON.stringify(certificate, null, 2) : certificateText(certificate));
      return 0;
    },
  },
  'index-people': {
    usage: 'index-people [--json]',
    does: 'makes the index again by which a person who is registered twice is found: after an update from before it, or a restore',
    async run(app, { json }) {
      const clients = await app.get(IndexRebuildService).run(operatorActor('command line'));
      print(json ? JSON.stringify({ clients }) : `${clients} clients are in the index.`);
      return 0;
    },
  },
};

/** Throws `missing` (422). */
function clientIn(flags: Flags): string {
  const client = textOf(flags, 'client');
  if (!client) throw Problem.refused('missing', 'Give --client.', 'client');
  return client;
}
