/** Commands about clients. */
import { operatorActor } from '../access/domain/actor.js';
import { IndexRebuildService } from '../clients/matching/index-rebuild.service.js';
import { Problem } from '../kernel/domain/problem.js';
import { SubjectErasureService } from '../transfers/subject-erasure.service.js';
import { print, textOf, type Command } from './command.js';

export const clientCommands: Record<string, Command> = {
  'erase-subject': {
    usage: 'erase-subject --client CODE [--json]',
    does: 'deletes what ties the payments of a client to them in the log; every proof stands, and nothing opens that part any more',
    options: { client: { type: 'string' } },
    async run(app, flags) {
      const { json } = flags;
      const client = textOf(flags, 'client');
      if (!client) throw Problem.refused('missing', 'Give --client.', 'client');
      const salts = await app.get(SubjectErasureService).erase(operatorActor('command line'), client);
      print(json ? JSON.stringify({ salts }) : `${salts} salts were deleted.`);
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
