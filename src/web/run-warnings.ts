/** What to look at twice in a run, with the codes of the clients whom it is about: a person looks for those, not for ids. */
import type { Actor } from '../access/domain/actor.js';
import type { RunWarning } from '../transfers/run-contents.js';
import type { TransfersService } from '../transfers/transfers.service.js';

export async function warningsWithClients(
  actor: Actor,
  transfers: TransfersService,
  warnings: readonly RunWarning[],
): Promise<(RunWarning & { clients: string[] })[]> {
  const ids = warnings.flatMap((warning) => warning.transfers);
  const codes = ids.length > 0 ? await transfers.clientsOf(actor, ids) : new Map<string, string>();
  return warnings.map((warning) => ({
    ...warning,
    clients: [...new Set(warning.transfers.flatMap((id) => codes.get(id) ?? []))].sort(),
  }));
}
