/** The simulated rail: its ledger counts what left, it forgets nothing unless it is told to, and its files are what banks write. */
import { describe, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { chanceFor, chanceOf } from './support/chance.js';
import { SimulatedBank } from './support/rail-simulator/bank-files.js';
import {
  MODES,
  planFor,
  RailSimulator,
  type Mode,
  type Plan,
  type SimInstruction,
} from './support/rail-simulator/core.js';

const DAY = '2026-03-02';
const instruction = (id: string): SimInstruction => ({
  id,
  reference: id.replaceAll('-', ''),
  amountMinor: 900_000n,
  currency: 'THB',
  payee: '+66812345678',
});
const ID = '00000000-0000-7000-8000-000000000001';

describe('the simulated rail', () => {
  it.each<[Mode, 0 | 1]>([
    ['accept-now', 1],
    ['accept-later', 1],
    ['callback-first', 1],
    ['callback-twice', 1],
    ['callback-never', 1],
    ['out-of-order', 1],
    ['timeout-paid', 1],
    ['timeout-unpaid', 0],
    ['error-paid', 1],
    ['duplicate-refusal', 1],
    ['reject-listed', 0],
    ['reject-unlisted', 0],
    ['reject-later', 0],
    ['settle-then-return', 1],
  ])('by the plan %s pays %d time(s)', (mode, times) => {
    const simulator = new RailSimulator(DAY);
    simulator.receive(instruction(ID), { mode });
    simulator.tick('2026-03-10');
    expect(simulator.timesPaid(ID)).toBe(times);
    expect(simulator.netPaid(ID)).toBe(mode === 'settle-then-return' ? 0n : BigInt(times) * 900_000n);
  });

  it('pays nothing again under the same id, unless it is told to forget ids', () => {
    for (const { forgetsIds, times } of [
      { forgetsIds: false, times: 1 },
      { forgetsIds: true, times: 2 },
    ]) {
      const simulator = new RailSimulator(DAY, { forgetsIds });
      simulator.receive(instruction(ID), { mode: 'timeout-paid' });
      const again = simulator.receive(instruction(ID), { mode: 'accept-now' });
      expect(again.kind === 'duplicate').toBe(!forgetsIds);
      expect(simulator.timesPaid(ID)).toBe(times);
      expect(simulator.paidTwice()).toEqual(forgetsIds ? [ID] : []);
    }
  });

  it('does the same for the same seed', () => {
    const { seed } = chanceFor('plans of the simulated rail');
    const play = () => {
      const chance = chanceOf(seed);
      const simulator = new RailSimulator(DAY);
      const seen: unknown[] = [];
      for (let n = 0; n < 60; n += 1) {
        seen.push(simulator.receive(instruction(chance.id()), planFor(chance)).kind);
        if (n % 10 === 9) simulator.tick(`2026-03-0${3 + Math.floor(n / 10)}`);
        seen.push(simulator.due().map(({ id, kind }) => [id, kind]));
      }
      return JSON.stringify([
        seen,
        simulator.ledger.map((movement) => ({ ...movement, amountMinor: String(movement.amountMinor) })),
      ]);
    };
    expect(play()).toBe(play());
  });

  it('takes money back once, and what came back cannot be taken back', () => {
    const simulator = new RailSimulator(DAY);
    const answer = simulator.receive(instruction(ID), { mode: 'accept-now' });
    const of = answer.kind === 'settled' ? answer.transaction.reference : '';
    expect(simulator.reverse({ id: 'r-1', of }, { mode: 'accept-now' }).kind).toBe('settled');
    expect(simulator.reverse({ id: 'r-2', of }, { mode: 'accept-now' })).toMatchObject({
      kind: 'refused',
      code: 'incorrectState',
    });
    expect(simulator.netPaid(ID)).toBe(0n);
  });
});

const pain001 = (
  ids: readonly string[],
) => `<?xml version="1.0"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"><CstmrCdtTrfInitn>
  <GrpHdr><MsgId>M1</MsgId></GrpHdr><PmtInf><PmtInfId>P1</PmtInfId>${ids
    .map((id) => {
      const reference = id.replaceAll('-', '');
      return `<CdtTrfTxInf><PmtId><InstrId>${reference}</InstrId><EndToEndId>${reference}</EndToEndId></PmtId>
        <Amt><InstdAmt Ccy="THB">9000.00</InstdAmt></Amt><CdtrAcct><Id><Othr><Id>123</Id></Othr></Id></CdtrAcct></CdtTrfTxInf>`;
    })
    .join('')}</PmtInf></CstmrCdtTrfInitn></Document>`;
const idNumber = (n: number) => `00000000-0000-7000-8000-${String(n).padStart(12, '0')}`;
const count = (text: string, part: string) => text.split(part).length - 1;

describe('the simulated bank', () => {
  const ids = MODES.map((_, n) => idNumber(n));
  const planOf = ({ id }: SimInstruction): Plan => ({ mode: MODES[ids.indexOf(id)] ?? 'accept-now', days: 1 });
  const made = () => {
    const simulator = new RailSimulator(DAY);
    return { simulator, bank: new SimulatedBank(simulator, { account: '1234567890', currency: 'THB' }) };
  };

  it('answers a row for each payment that it says anything of, and never names one of which it is silent', () => {
    const { bank } = made();
    const status = bank.take(pain001(ids), planOf);
    expect(count(status, '<TxInfAndSts>')).toBe(MODES.length - 3); // two timeouts and a fault of the server
    expect(count(status, '<Cd>NARR</Cd>')).toBe(2);
    expect(status).toContain('<GrpSts>PART</GrpSts>');
  });

  it('can list only what it rejected, and refuses a file that comes again', () => {
    const { bank, simulator } = made();
    expect(count(bank.take(pain001(ids), planOf, { onlyRejected: true }), '<TxSts>RJCT</TxSts>')).toBe(3);
    const before = simulator.ledger.length;
    const again = bank.take(pain001(ids), planOf);
    expect(simulator.ledger).toHaveLength(before);
    // The bank never saw one of them, and does not see it now.
    expect(count(again, 'already exist')).toBe(MODES.length - 1);
  });

  it('states what left and what came back, strangers too, and its balances add up', () => {
    const { bank, simulator } = made();
    bank.take(pain001(ids), planOf);
    simulator.tick('2026-03-03');
    expect(bank.report()).toContain('<TxSts>ACSC</TxSts>');
    const out = simulator.ledger.filter(({ on, kind }) => on === DAY && kind === 'paid').length;
    const statement = bank.statement(DAY, { strangers: 2 });
    expect(count(statement, '<Ntry>')).toBe(out + 2);
    expect(count(statement, 'NOTPROVIDED')).toBe(2);
    const next = bank.statement('2026-03-03');
    expect(next).toContain('<SubFmlyCd>RRTN</SubFmlyCd>');
    expect(count(bank.advice(DAY, { batched: true }), '<Ntry>')).toBe(1);
  });

  const schemas = process.env.ISO20022_XSD_DIR;
  if (schemas) {
    it('writes what the schemas of ISO 20022 take', () => {
      const { bank, simulator } = made();
      const written: [string, string][] = [['pain.002.001.11', bank.take(pain001(ids), planOf)]];
      simulator.tick('2026-03-03');
      written.push(['pain.002.001.11', bank.report() ?? '']);
      for (const day of [DAY, '2026-03-03']) {
        written.push(['camt.053.001.08', bank.statement(day, { strangers: 1 })]);
        written.push(['camt.054.001.08', bank.advice(day, { strangers: 1, batched: true })]);
      }
      for (const [schema, input] of written)
        execFileSync('xmllint', ['--noout', '--schema', join(schemas, `${schema}.xsd`), '-'], {
          input,
          stdio: ['pipe', 'ignore', 'pipe'],
        });
    });
  }
});
