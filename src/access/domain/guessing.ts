/** How long somebody waits who guesses: by account and by network address, longer with each failure, and locked out for an hour at last. */

/** What is known of the tries at one account, or from one address. */
export interface Tries {
  /** As they counted at `changedAt`; they fade, so this is no whole number. */
  failures: number;
  /** Begun and not yet decided. They count as failures until they are, so that guesses made all at once do not pass. */
  pending: number;
  changedAt: Date;
  failedAt: Date;
}

export type Guessed = 'account' | 'address';

/** A whole office may sign in from one address, and each of them mistypes now and then. */
const FREE: Record<Guessed, number> = { account: 5, address: 30 };
const LOCKED_AT: Record<Guessed, number> = { account: 15, address: 100 };
/** In how many seconds one failure fades. */
const FADES_IN: Record<Guessed, number> = { account: 3600, address: 600 };

const FIRST_WAIT_SECONDS = 30;
const LONGEST_WAIT_SECONDS = 15 * 60;
const LOCKED_SECONDS = 60 * 60;
/** After that nothing of it counts: more failures than fade in two days cannot come together. */
export const FORGOTTEN_AFTER_SECONDS = 48 * 60 * 60;
/** No try takes that long: what began it has stopped, and nobody will ever say how it went. */
const DECIDED_WITHIN_SECONDS = 60;

/** As they count now: failures have faded, and what was never decided is a failure. */
export function triesNow(guessed: Guessed, tries: Tries, now: Date): Tries {
  const age = Math.max(0, secondsBetween(tries.changedAt, now));
  const undecided = tries.pending > 0 && age >= DECIDED_WITHIN_SECONDS ? tries.pending : 0;
  return {
    ...tries,
    failures: Math.max(0, tries.failures - age / FADES_IN[guessed]) + undecided,
    pending: tries.pending - undecided,
    changedAt: now,
  };
}

/** Seconds until another try may begin, 0 when it may now, or 'busy': another one has to be decided first. Of tries as they count now. */
export function waitBefore(guessed: Guessed, { failures, pending, failedAt }: Tries, now: Date): number | 'busy' {
  if (whole(failures) + pending < FREE[guessed]) return 0;
  if (pending > 0) return 'busy';
  // How long it is was settled by the last failure; what fades meanwhile does not shorten it.
  const since = secondsBetween(failedAt, now);
  return Math.max(0, Math.ceil(waitAfter(guessed, whole(failures + since / FADES_IN[guessed])) - since));
}

/** Whether one failure more locks out. */
export function locksOut(guessed: Guessed, failures: number): boolean {
  return whole(failures) < LOCKED_AT[guessed] && whole(failures + 1) >= LOCKED_AT[guessed];
}

/** A failure counts in full until all of it has faded. */
function whole(failures: number): number {
  return Math.ceil(failures - 1e-6);
}

/** Seconds to wait after so many failures. */
function waitAfter(guessed: Guessed, failures: number): number {
  if (failures >= LOCKED_AT[guessed]) return LOCKED_SECONDS;
  return Math.min(LONGEST_WAIT_SECONDS, FIRST_WAIT_SECONDS * 2 ** (failures - FREE[guessed]));
}

/**
 * What stands for a network address: an IPv4 address by itself, of an IPv6 address the first 64 bits, because whoever has one of those has
 * all the others too.
 */
export function networkOf(ip: string | undefined): string {
  const address = (ip ?? '').toLowerCase().replace(/%.*$/, '');
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(address)?.[1];
  if (mapped) return mapped;
  if (!address.includes(':')) return address;
  const [head = '', tail] = address.split('::');
  const groups = (part: string | undefined) => (part ? part.split(':') : []);
  const missing = tail === undefined ? 0 : 8 - groups(head).length - groups(tail).length;
  const all = [...groups(head), ...Array.from({ length: Math.max(0, missing) }, () => '0'), ...groups(tail)];
  return `${all
    .slice(0, 4)
    .map((group) => group.replace(/^0+(?=.)/, ''))
    .join(':')}::/64`;
}

function secondsBetween(earlier: Date, later: Date): number {
  return (later.getTime() - earlier.getTime()) / 1000;
}
