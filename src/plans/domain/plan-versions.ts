/** Which plans stand, and which of those are versions of the same plan: two people changed it, and neither wrote over the other. */

export interface Changed {
  id: string;
  /** The plans that it was changed from; all of them earlier. */
  replaces: readonly string[];
}

export interface Standing {
  /** Whether no later plan replaces it. */
  standing: boolean;
  /** The latest plans that it and another standing one both came from; none when it is the only version. */
  versionsOf: string[];
  /** The other standing plans that came from these. */
  otherVersions: string[];
}

/** How each of a client's plans stands, by id. `plans` are all of them, in the order in which they were written. */
export function standingOf(plans: readonly Changed[]): ReadonlyMap<string, Standing> {
  const cameFrom = origins(plans);
  const replaced = new Set(plans.flatMap(({ replaces }) => replaces));
  const standing = plans.filter(({ id }) => !replaced.has(id)).map(({ id }) => id);
  return new Map(plans.map(({ id }) => [id, standingAmong(id, standing, cameFrom)]));
}

type Origins = ReadonlyMap<string, ReadonlySet<string>>;

function standingAmong(id: string, standing: readonly string[], cameFrom: Origins): Standing {
  if (!standing.includes(id)) return { standing: false, versionsOf: [], otherVersions: [] };
  const shared = standing
    .filter((other) => other !== id)
    .map((other) => ({ other, origins: latestShared(id, other, cameFrom) }))
    .filter(({ origins }) => origins.length > 0);
  return {
    standing: true,
    versionsOf: [...new Set(shared.flatMap(({ origins }) => origins))],
    otherVersions: shared.map(({ other }) => other),
  };
}

/** Every plan that a plan came from, over however many changes. */
function origins(plans: readonly Changed[]): Origins {
  const cameFrom = new Map<string, Set<string>>();
  for (const { id, replaces } of plans)
    cameFrom.set(id, new Set(replaces.flatMap((earlier) => [earlier, ...(cameFrom.get(earlier) ?? [])])));
  return cameFrom;
}

function latestShared(one: string, other: string, cameFrom: Origins): string[] {
  const ofOther = cameFrom.get(other);
  const shared = [...(cameFrom.get(one) ?? [])].filter((id) => ofOther?.has(id));
  return shared.filter((id) => !shared.some((later) => cameFrom.get(later)?.has(id)));
}
