/** The index by which a person who is registered twice is found: kept beside each identity, and looked through in one query. */
import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Secrets } from '../../kernel/secrets.js';
import type { Identity } from '../domain/identity.js';
import { BirthBlocks } from './birth-blocks.js';
import { birthAgreement } from './domain/birth-dates.js';
import { finding, type Finding, type NameAgreement } from './domain/evidence.js';
import { PersonTokens, TOKEN_KINDS, type SoughtToken, type TokenKind } from './person-tokens.js';

export interface Found extends Finding {
  clientId: string;
}

/** Of the clients who have a token, so many are looked at. */
const AT_MOST_OF_A_TOKEN = 30;
/** A name that more go by is common; a phone or account that more have is a shelter's, an agent's. */
const FEW = 10;
/** Nobody reads a longer list. */
const AT_MOST_FOUND = 30;

interface Hit {
  id: string;
  /** Which of the tokens that were sought, counted from 1; and beside each of which kind it is with them. */
  places: number[];
  kinds: number[];
  birth: string | null;
}

@Injectable()
export class PersonIndex {
  private readonly tokens: PersonTokens;
  private readonly births: BirthBlocks;

  constructor(secrets: Secrets) {
    this.tokens = new PersonTokens(secrets);
    this.births = new BirthBlocks(secrets.keyFor('person-index/birth'));
  }

  /** Keeps by what the client can be found, instead of what was kept before; in the transaction that stores the identity. */
  async replace(manager: EntityManager, clientId: string, identity: Identity): Promise<void> {
    const kept = this.tokens.kept(identity);
    const { dateOfBirth } = identity;
    await manager.query('select pii.replace_person($1, $2, $3, $4)', [
      clientId,
      kept.map(({ value }) => value),
      kept.map(({ kind }) => kind),
      dateOfBirth ? this.births.seal(clientId, dateOfBirth) : null,
    ]);
  }

  /** Other clients who may be this person, the likeliest first. */
  async search(manager: EntityManager, clientId: string, identity: Identity): Promise<Found[]> {
    const sought = this.tokens.sought(identity);
    const [row] = await manager.query<{ hits: Hit[] | null }[]>('select pii.find_persons($1, $2) hits', [
      sought.map(({ value }) => value),
      AT_MOST_OF_A_TOKEN,
    ]);
    const others = (row?.hits ?? []).filter(({ id }) => id !== clientId);
    const births = this.birthsOf(others);
    const isShared = sharedByMany(others);
    return others
      .flatMap((hit) => {
        const birth = birthAgreement(births.get(hit.id), identity.dateOfBirth);
        const found = finding({ ...agreements(sought, hit, isShared), birth });
        return found ? [{ clientId: hit.id, ...found }] : [];
      })
      .sort((one, other) => other.strength - one.strength)
      .slice(0, AT_MOST_FOUND);
  }

  private birthsOf(hits: readonly Hit[]): Map<string, string> {
    const sealed = hits.flatMap(({ id, birth }) => (birth ? [{ clientId: id, block: Buffer.from(birth, 'hex') }] : []));
    const dates = this.births.open(sealed);
    return new Map(sealed.map(({ clientId }, index) => [clientId, dates[index] ?? '']));
  }
}

/** Whether what was looked for at that place is something that many have: then it says little on its own. */
function sharedByMany(hits: readonly Hit[]): (place: number) => boolean {
  const holders = new Map<number, number>();
  for (const place of hits.flatMap(({ places }) => places)) holders.set(place, (holders.get(place) ?? 0) + 1);
  return (place) => (holders.get(place) ?? 0) > FEW;
}

type Shared = ReturnType<typeof sharedByMany>;

function agreements(sought: readonly SoughtToken[], { places, kinds }: Hit, isShared: Shared) {
  const pairs = places.flatMap((place, at) => {
    const token = sought[place - 1];
    return token ? [{ sought: token, kind: kinds[at], isFew: !isShared(place) }] : [];
  });
  const both = (kind: TokenKind) => pairs.filter((pair) => pair.kind === kind && pair.sought.kind === kind);
  const slips = pairs.filter(({ kind, sought: { kind: soughtKind } }) =>
    [kind, soughtKind].includes(TOKEN_KINDS.slippedName),
  );
  return {
    name: nameAgreement(both(TOKEN_KINDS.name), slips),
    phone: both(TOKEN_KINDS.phone).some(({ isFew }) => isFew),
    document: both(TOKEN_KINDS.document).length > 0,
    account: both(TOKEN_KINDS.account).some(({ isFew }) => isFew),
  };
}

type Pair = { sought: SoughtToken; isFew: boolean };

/** Who has a common name is not always among the first who have it, and then only turns up by the year of birth. */
function nameAgreement(names: readonly Pair[], slips: readonly Pair[]): NameAgreement {
  if (names.length > 0) return names.some(({ sought, isFew }) => sought.forEverybody && isFew) ? 'same' : 'common';
  if (slips.length > 0) return slips.some(({ isFew }) => isFew) ? 'near' : 'near-many';
  return 'none';
}
