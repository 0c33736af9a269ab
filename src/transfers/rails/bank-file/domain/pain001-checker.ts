/** Reads a pain.001.001.09 as it streams and names each rule that it breaks, with the line: those that no schema can say, and what we need to be there. */
import { SaxesParser, type SaxesTagNS } from 'saxes';
import type { DayAtBanks } from '../../../../kernel/domain/banking-days.js';
import { isPlainDate, type PlainDate } from '../../../../kernel/domain/plain-date.js';
import { PAIN001_NAMESPACE } from './pain001-writer.js';
import {
  BANK_OF_CREDITOR,
  decimalsOf,
  exactDecimal,
  NEEDS_BANK_UNLESS,
  PATHS,
  REQUIRED,
  TEXT_RULES,
  UUID_V4,
  WARNINGS,
  type Fault,
  type RuleCode,
} from './pain001-rules.js';

/** What the file alone does not tell. */
export interface Surroundings {
  /** Decimals by ISO 4217; undefined for a currency that nobody knows. */
  decimalsOfCurrency(code: string): number | undefined;
  dayAtBanks(day: PlainDate): DayAtBanks;
  /** Of these message ids and references, those that stood in a file before. */
  usedBefore(ids: readonly string[]): Promise<ReadonlySet<string>>;
}

export interface Checked {
  payments: number;
  /** That stop the file, in the order of their lines; at most a thousand. */
  faults: Fault[];
  warnings: Fault[];
}

const MOST_FAULTS = 1_000;
const ASKED_AT_ONCE = 2_000;
const DEEPEST = 20;
const LONGEST_TEXT = 10_000;

/** Reads all of it; what is no XML at all ends the reading and is a fault of its own. */
export async function checkPain001(
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  surroundings: Surroundings,
): Promise<Checked> {
  const reading = new Reading(surroundings);
  try {
    for await (const text of textOf(chunks)) {
      reading.read(text);
      await reading.askHistory(ASKED_AT_ONCE);
    }
    reading.end();
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    reading.fault('not-xml', error.message);
  }
  await reading.askHistory(1);
  return reading.result();
}

class Unreadable extends Error {}

/** Throws `Unreadable` when it is no UTF-8. */
async function* textOf(chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const decoded = (chunk?: Uint8Array) => {
    try {
      return decoder.decode(chunk, { stream: chunk !== undefined });
    } catch {
      throw new Unreadable('The text is no UTF-8.');
    }
  };
  for await (const chunk of chunks) yield decoded(chunk);
  yield decoded();
}

interface Open {
  path: string;
  line: number;
  text: string;
  attributes: Record<string, string>;
  /** Of a group, lot or payment: what was in it, by its path from there. */
  found: Map<string, string>;
}

interface Sums {
  count: number;
  sum: bigint;
}

/** One file being read. */
class Reading {
  private readonly parser = new SaxesParser({ xmlns: true });
  private readonly open: Open[] = [];
  private readonly faults: Fault[] = [];
  private readonly asked: { id: string; line: number; code: RuleCode }[] = [];
  private readonly seen: Record<'lot' | 'instruction' | 'endToEnd' | 'uetr', Set<string>> = {
    lot: new Set(),
    instruction: new Set(),
    endToEnd: new Set(),
    uetr: new Set(),
  };
  private group: Open | undefined;
  private readonly all: Sums = { count: 0, sum: 0n };
  private inLot: Sums & { currency: string | undefined } = { count: 0, sum: 0n, currency: undefined };
  private lots = 0;

  constructor(private readonly surroundings: Surroundings) {
    this.parser.on('error', (error) => {
      throw new Unreadable(error.message.replace(/^\d+:\d+: /, '').slice(0, 200));
    });
    this.parser.on('doctype', () => {
      this.fault('doctype', 'A document type declaration has no place here.');
      throw new Unreadable('The file declares a document type, and is not read any further.');
    });
    this.parser.on('opentag', (tag) => this.begin(tag));
    this.parser.on('text', (text) => this.take(text));
    this.parser.on('cdata', (text) => this.take(text));
    this.parser.on('closetag', () => this.finish());
  }

  read(text: string): void {
    this.parser.write(text);
  }

  /** What can only be said when everything has been read. */
  end(): void {
    this.parser.close();
    if (!this.group) {
      this.fault('element-missing', 'There is no group header (GrpHdr).');
      return;
    }
    this.compare(this.group, this.all, 'count-of-group', 'sum-of-group', 'The group');
    if (this.lots === 0) this.fault('element-missing', 'There is no lot (PmtInf).');
  }

  fault(code: RuleCode, detail: string, line = this.parser.line): void {
    if (this.faults.length < MOST_FAULTS) this.faults.push({ code, line, detail });
  }

  /** Asks about what has been collected once it is worth a question. */
  async askHistory(least: number): Promise<void> {
    if (this.asked.length < least) return;
    const asked = this.asked.splice(0);
    const used = await this.surroundings.usedBefore(asked.map(({ id }) => id));
    for (const { id, line, code } of asked) if (used.has(id)) this.fault(code, 'It stood in a file before.', line);
  }

  result(): Checked {
    const inOrder = this.faults.sort((one, other) => one.line - other.line);
    return {
      payments: this.all.count,
      faults: inOrder.filter(({ code }) => !WARNINGS.has(code)),
      warnings: inOrder.filter(({ code }) => WARNINGS.has(code)),
    };
  }

  private begin(tag: SaxesTagNS): void {
    if (this.open.length === DEEPEST) throw new Unreadable('It is nested deeper than any message is.');
    const parent = this.open.at(-1);
    if (!parent && tag.uri !== PAIN001_NAMESPACE)
      this.fault('wrong-namespace', 'The message is not in the namespace of pain.001.001.09.');
    if (parent) parent.text = ''; // what stands between elements says nothing
    const path = parent ? `${parent.path}/${tag.local}` : tag.local;
    const attributes = Object.fromEntries(Object.values(tag.attributes).map(({ local, value }) => [local, value]));
    this.open.push({ path, line: this.parser.line, text: '', attributes, found: new Map() });
    if (path === PATHS.LOT) this.inLot = { count: 0, sum: 0n, currency: undefined };
  }

  private take(text: string): void {
    const current = this.open.at(-1);
    if (!current) return;
    current.text += text;
    if (current.text.length > LONGEST_TEXT) throw new Unreadable('A text is longer than any of a message is.');
  }

  private finish(): void {
    const closed = this.open.pop();
    if (!closed) return;
    for (const { code, isBroken, detail } of TEXT_RULES[closed.path] ?? [])
      if (isBroken(closed.text)) this.fault(code, `${nameOf(closed)}: ${detail}`, closed.line);
    this.remember(closed);
    if (closed.path === PATHS.GROUP) this.closeGroup(closed);
    if (closed.path === PATHS.PAYMENT) this.closePayment(closed);
    if (closed.path === PATHS.LOT) this.closeLot(closed);
    this.requireElements(closed);
  }

  /** Each group, lot or payment that it stands in learns of it. */
  private remember({ path, text, line, attributes }: Open): void {
    for (const around of this.open) {
      if (!(around.path in REQUIRED)) continue;
      const below = path.slice(around.path.length + 1);
      const once = REQUIRED[around.path]?.some((wanted) => wanted.split('|').includes(below));
      if (once && around.found.has(below) && path !== PATHS.PAYMENT && path !== PATHS.LOT)
        this.fault('element-repeated', `${below} stands there twice.`, line);
      // Of what is inside a payment a lot needs nothing, and there are many.
      if (around.path === PATHS.PAYMENT || !path.startsWith(PATHS.PAYMENT))
        around.found.set(below, 'Ccy' in attributes ? `${attributes.Ccy} ${text}` : text);
    }
  }

  private requireElements({ path, found, line }: Open): void {
    for (const wanted of REQUIRED[path] ?? []) {
      if (wanted.split('|').some((alternative) => found.has(alternative))) continue;
      this.fault('element-missing', `${wanted.replace('|', ' or ')} is not there.`, line);
    }
  }

  private closeGroup(group: Open): void {
    this.group = group;
    const messageId = group.found.get('MsgId');
    if (messageId) this.asked.push({ id: messageId, line: group.line, code: 'message-id-used-before' });
  }

  private closePayment(payment: Open): void {
    const { found, line } = payment;
    this.all.count += 1;
    this.inLot.count += 1;
    const instruction = found.get('PmtId/InstrId');
    const endToEnd = found.get('PmtId/EndToEndId');
    this.once('instruction', instruction, 'instruction-id-repeated', line);
    this.once('endToEnd', endToEnd, 'end-to-end-id-repeated', line);
    if (instruction !== endToEnd) this.fault('ids-differ', 'InstrId and EndToEndId are one reference.', line);
    if (endToEnd) this.asked.push({ id: endToEnd, line, code: 'end-to-end-id-used-before' });
    const uetr = found.get('PmtId/UETR');
    if (uetr !== undefined && !UUID_V4.test(uetr)) this.fault('uetr-malformed', 'UETR is a UUID of version 4.', line);
    this.once('uetr', uetr, 'uetr-repeated', line);
    this.addAmount(found.get('Amt/InstdAmt'), line);
    const isFound = (path: string) => found.has(path);
    if (!NEEDS_BANK_UNLESS.some(isFound) && !BANK_OF_CREDITOR.some(isFound))
      this.fault('element-missing', 'An account number needs the bank that it is at (CdtrAgt).', line);
  }

  private addAmount(written: string | undefined, line: number): void {
    if (written === undefined) return;
    const [currency = '', text = ''] = written.includes(' ') ? written.split(' ') : ['', written];
    const amount = exactDecimal(text);
    if (amount === null) {
      this.fault('amount-malformed', 'An amount is digits with a point.', line);
      return;
    }
    this.all.sum += amount;
    this.inLot.sum += amount;
    if (amount === 0n) this.fault('amount-not-positive', 'A payment is more than nothing.', line);
    const decimals = this.surroundings.decimalsOfCurrency(currency);
    if (decimals === undefined) this.fault('currency-unknown', 'Nobody here knows that currency.', line);
    else if (decimalsOf(text) !== decimals)
      this.fault('decimals-of-currency', `${currency} is written with ${decimals} decimals.`, line);
    this.inLot.currency ??= currency;
    if (currency !== this.inLot.currency) this.fault('currency-mixed', 'A lot is in one currency.', line);
  }

  private closeLot(lot: Open): void {
    this.lots += 1;
    this.once('lot', lot.found.get('PmtInfId'), 'lot-id-repeated', lot.line);
    this.compare(lot, this.inLot, 'count-of-lot', 'sum-of-lot', 'The lot');
    if (this.inLot.count === 0) this.fault('element-missing', 'There is no payment (CdtTrfTxInf).', lot.line);
    const accountCurrency = lot.found.get('DbtrAcct/Ccy');
    if (accountCurrency !== undefined && this.inLot.currency !== undefined && accountCurrency !== this.inLot.currency)
      this.fault('currency-mixed', 'The payments are not in the currency of the account.', lot.line);
    const day = lot.found.get('ReqdExctnDt/Dt');
    if (day !== undefined) this.checkDay(day, lot.line);
  }

  private checkDay(day: string, line: number): void {
    if (!isPlainDate(day)) {
      this.fault('execution-day-malformed', 'The day of execution is written like 2026-03-02.', line);
      return;
    }
    const at = this.surroundings.dayAtBanks(day);
    if (at === 'weekend' || at === 'holiday') this.fault('not-a-banking-day', `${day} is a ${at}.`, line);
    if (at === 'calendar-missing')
      this.fault('holiday-calendar-missing', `There is no holiday calendar for ${day}: ask the bank.`, line);
  }

  private compare({ found, line }: Open, told: Sums, countCode: RuleCode, sumCode: RuleCode, what: string): void {
    const count = found.get('NbOfTxs');
    if (count !== undefined && !/^\d{1,15}$/.test(count)) this.fault('count-malformed', 'A count is digits.', line);
    else if (count !== undefined && BigInt(count) !== BigInt(told.count))
      this.fault(countCode, `${what} says ${count} payments and has ${told.count}.`, line);
    const sum = found.get('CtrlSum');
    if (sum === undefined) return;
    const exact = exactDecimal(sum);
    if (exact === null) this.fault('sum-malformed', 'A control sum is digits with a point.', line);
    else if (exact !== told.sum) this.fault(sumCode, `${what} does not say the sum of its payments.`, line);
  }

  private once(kind: keyof Reading['seen'], id: string | undefined, code: RuleCode, line: number): void {
    if (id === undefined) return;
    if (this.seen[kind].has(id)) this.fault(code, 'It stands in this file before.', line);
    this.seen[kind].add(id);
  }
}

const nameOf = ({ path }: Open) => path.split('/').at(-1) ?? path;
