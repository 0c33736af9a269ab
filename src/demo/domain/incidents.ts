/** What goes wrong with payments in the pilot: which transfers, in which way, and for how long. */

import { dayOfMonth, dueOn, monthOf } from './transfer-days.js';
import type { CountryCode, Incident, Instalment, Rail, ScriptedClient } from './scripted-pilot.js';
import type { Draws } from './seeded-draws.js';

type PaidClient = Pick<ScriptedClient, 'key' | 'country' | 'rail' | 'anchorOn'>;

interface TransferDue extends PaidClient {
  instalment: Instalment;
  dueOn: string;
}

interface Trouble {
  kind: Incident['kind'];
  country: CountryCode;
  rail: Rail;
  times: number;
}

/** Only a bank sends money back, and only a bank can be asked for it back. */
const TROUBLES: readonly Trouble[] = [
  { kind: 'fails', country: 'TH', rail: 'cash', times: 2 },
  { kind: 'fails', country: 'TH', rail: 'manual', times: 3 },
  { kind: 'fails', country: 'MM', rail: 'cash', times: 2 },
  { kind: 'fails', country: 'MM', rail: 'manual', times: 1 },
  { kind: 'fails', country: 'LA', rail: 'cash', times: 1 },
  { kind: 'fails', country: 'LA', rail: 'manual', times: 1 },
  { kind: 'returns', country: 'TH', rail: 'manual', times: 3 },
  { kind: 'returns', country: 'MM', rail: 'manual', times: 1 },
  { kind: 'returns', country: 'LA', rail: 'manual', times: 1 },
  { kind: 'unknown-paid', country: 'TH', rail: 'cash', times: 2 },
  { kind: 'unknown-paid', country: 'TH', rail: 'manual', times: 2 },
  { kind: 'unknown-paid', country: 'MM', rail: 'cash', times: 1 },
  { kind: 'unknown-paid', country: 'LA', rail: 'cash', times: 1 },
  { kind: 'unknown-not-paid', country: 'TH', rail: 'cash', times: 1 },
  { kind: 'unknown-not-paid', country: 'TH', rail: 'manual', times: 1 },
  { kind: 'unknown-not-paid', country: 'MM', rail: 'cash', times: 1 },
  { kind: 'unknown-not-paid', country: 'MM', rail: 'manual', times: 1 },
  { kind: 'reversed', country: 'TH', rail: 'manual', times: 1 },
  { kind: 'reversed', country: 'MM', rail: 'manual', times: 1 },
  { kind: 'held', country: 'TH', rail: 'cash', times: 2 },
  { kind: 'held', country: 'TH', rail: 'manual', times: 1 },
  { kind: 'held', country: 'MM', rail: 'cash', times: 2 },
  { kind: 'held', country: 'LA', rail: 'cash', times: 1 },
];

const INSTALMENTS: readonly Instalment[] = [1, 2, 3];

/** A transfer due later could be put right only in the next month, and then one month would bring two and one none. */
const LAST_DUE_DAY_FOR_TROUBLE = 10;

/** The first two are ISO 20022 reason codes: a wrong account number, and a closed account. */
const BANK_FAILURE_CODES = ['AC01', 'AC04', 'rejected-by-bank'] as const;
const HOLD_REASONS = ['client-wish', 'safety'] as const;

/** How long the answer takes after the due day; silence is noticed after 3 days for a bank and 7 for an agent. */
const ANSWER_AFTER_DAYS: Record<Rail, readonly [number, number]> = { manual: [5, 9], cash: [9, 12] };

/** In the order in which the transfers are due; raises an error when too few transfers can take the troubles. */
export function drawIncidents(clients: readonly PaidClient[], draws: Draws): Incident[] {
  const open = draws.shuffled(clients.flatMap(transfersOf).filter(leavesTimeForTrouble));
  const struck: TransferDue[] = [];

  const told = TROUBLES.flatMap((trouble) =>
    Array.from({ length: trouble.times }, () => {
      const transfer = leastStruck(trouble, open, struck);
      const incident = describe(trouble.kind, transfer, struck.length, draws);
      struck.push(transfer);
      return { incident, dueOn: transfer.dueOn };
    }),
  );
  return told.sort((one, other) => one.dueOn.localeCompare(other.dueOn)).map(({ incident }) => incident);
}

function transfersOf(client: PaidClient): TransferDue[] {
  return INSTALMENTS.map((instalment) => ({ ...client, instalment, dueOn: dueOn(client.anchorOn, instalment) }));
}

function leavesTimeForTrouble(transfer: TransferDue): boolean {
  return dayOfMonth(transfer.dueOn) <= LAST_DUE_DAY_FOR_TROUBLE;
}

/** Trouble goes to clients who had none yet, and among them to the month that had the least, so that it spreads. */
function leastStruck(trouble: Trouble, open: readonly TransferDue[], struck: readonly TransferDue[]): TransferDue {
  const [least] = open
    .filter((transfer) => transfer.country === trouble.country && transfer.rail === trouble.rail)
    .filter((transfer) => !struck.includes(transfer))
    .map((transfer) => ({
      transfer,
      ofClient: struck.filter(({ key }) => key === transfer.key).length,
      ofMonth: struck.filter((other) => monthOf(other.dueOn) === monthOf(transfer.dueOn)).length,
    }))
    .sort((one, other) => one.ofClient - other.ofClient || one.ofMonth - other.ofMonth);
  if (least === undefined) {
    throw new Error(`No transfer left that ${trouble.kind} could happen to in ${trouble.country} by ${trouble.rail}`);
  }
  return least.transfer;
}

/** `turn` goes round the codes and reasons, so that each of them occurs. */
function describe(kind: Incident['kind'], transfer: TransferDue, turn: number, draws: Draws): Incident {
  const on = { client: transfer.key, instalment: transfer.instalment };
  switch (kind) {
    case 'fails':
      return { kind, ...on, code: transfer.rail === 'cash' ? 'not-collected' : inTurn(BANK_FAILURE_CODES, turn) };
    case 'returns':
    case 'reversed':
      return { kind, ...on, afterDays: draws.integer(2, 6) };
    case 'unknown-paid':
    case 'unknown-not-paid':
      return { kind, ...on, resolvedAfterDays: draws.integer(...ANSWER_AFTER_DAYS[transfer.rail]) };
    case 'held':
      return { kind, ...on, reason: inTurn(HOLD_REASONS, turn), days: draws.integer(3, 6) };
  }
}

function inTurn<T>(items: readonly T[], turn: number): T {
  return items[turn % items.length] as T;
}
