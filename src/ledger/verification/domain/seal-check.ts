/** Whether the seal of a fund's period says what its entries add up to. */
import { createHash } from 'node:crypto';
import { canonicalJson } from '../../../kernel/domain/canonical.js';
import {
  countBand,
  type AuditorSeal,
  type DonorSeal,
  type SealedBalances,
} from '../../transparency-log/domain/seal-text.js';
import { periodOf, type BooksFold } from './books-fold.js';

export interface SealFacts {
  fund: string;
  through: string;
  donorText: string;
  auditorText: string;
}

const NOTHING = { granted: 0n, paid: 0n, returned: 0n, exchangedIn: 0n, exchangedOut: 0n };

/** What is wrong with it, in sentences; empty when it is right. */
export function checkSeal(
  seal: SealFacts,
  books: BooksFold,
  digests: ReadonlyMap<string, { bytes(): Buffer; count: number }>,
): string[] {
  const period = periodOf(seal.through);
  const said = parse<DonorSeal>(seal.donorText);
  if (!said || said.fund !== seal.fund || said.period !== period || said.through !== seal.through)
    return ['it is of another fund or period than it stands for'];
  const faults: string[] = [];
  const quarter = books.quarters.get(`${seal.fund}/${period}`);
  const entries = digests.get(`${seal.fund}/${period}`);
  const digestSalt = parse<AuditorSeal>(seal.auditorText)?.digestSalt ?? '';
  const inner = entries?.bytes() ?? createHash('sha256').digest();
  if (said.digest !== createHash('sha256').update(Buffer.from(digestSalt, 'hex')).update(inner).digest('hex'))
    faults.push('its digest is not that of the leaves of its entries');
  const paid = quarter?.transfersPaid ?? 0;
  const auditor = canonicalJson({
    type: 'seal',
    entries: String(entries?.count ?? 0),
    transfersPaid: String(paid),
    digestSalt,
  } satisfies AuditorSeal);
  if (seal.auditorText !== auditor || said.countBand !== countBand(Math.max(0, paid)))
    faults.push('it counts other than its entries do');
  const balances = balancesAt(books, seal.fund, period);
  const currencies = new Set([...Object.keys(said.balances), ...balances.keys(), ...(quarter?.sums.keys() ?? [])]);
  for (const currency of currencies) {
    const sums = quarter?.sums.get(currency) ?? NOTHING;
    if (canonicalJson(said.sums[currency] ?? {}) !== canonicalJson(inText(sums)))
      faults.push(`its sums in ${currency} are not those of its entries`);
    if (
      canonicalJson(said.balances[currency] ?? {}) !== canonicalJson(inText(balances.get(currency) ?? emptyBalances()))
    )
      faults.push(`its balances in ${currency} are not those of the entries until then`);
  }
  return faults;
}

function parse<Seal>(text: string): Seal | null {
  try {
    return JSON.parse(text) as Seal;
  } catch {
    return null;
  }
}

/** What each kind of account of the fund held at the end of a quarter, by currency: what was posted until then. */
function balancesAt(books: BooksFold, fund: string, period: string): Map<string, Record<keyof SealedBalances, bigint>> {
  const balances = new Map<string, Record<keyof SealedBalances, bigint>>();
  for (const quarter of books.quarters.values()) {
    if (quarter.fund !== fund || quarter.period > period) continue;
    for (const [id, net] of quarter.net) {
      const account = books.sums().get(id)?.account;
      if (!account) continue;
      let held = balances.get(account.currency);
      if (!held) balances.set(account.currency, (held = emptyBalances()));
      held[account.kind] += account.normalSide === 'debit' ? net : -net;
    }
  }
  return balances;
}

function emptyBalances(): Record<keyof SealedBalances, bigint> {
  return { bank: 0n, clearing: 0n, float: 0n, paid: 0n, fund: 0n, committed: 0n, returned: 0n, exchange: 0n };
}

function inText<Key extends string>(amounts: Record<Key, bigint>): Record<Key, string> {
  return Object.fromEntries(Object.entries(amounts).map(([key, amount]) => [key, String(amount)])) as Record<
    Key,
    string
  >;
}
