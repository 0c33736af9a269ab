/** Results told a few at a time by many at once: they share transactions, and come to what they would have come to one after another. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ResultsService, type NewResult, type ResultsRecorded } from '../src/transfers/results.service.js';
import { enrolClient, openFund, releaseRun } from './support/builders.js';
import { chanceFor } from './support/chance.js';
import { sql } from './support/database.js';
import { expectProblem } from './support/raw-requests.js';
import { books, brokenRules, firstTransfer, resultFor } from './support/runs.js';
import { startTestService, travel, type TestService } from './support/service.js';

const TODAY = '2026-03-02';

let service: TestService;
beforeAll(async () => {
  service = await startTestService({ today: TODAY });
});
afterAll(() => service.close());

const tell = (run: string, ...results: object[]) =>
  service.as('finance-preparer').post(`/api/v1/runs/${run}/results`, { results });

interface Instructed {
  fund: string;
  run: string;
  /** Client and first transfer of each. */
  paid: { client: string; transfer: string }[];
}

/** So many transfers of one fund, instructed in one run. */
async function instructed(count: number, rail: 'cash' | 'manual' = 'cash'): Promise<Instructed> {
  const fund = await openFund(service);
  const paid: Instructed['paid'] = [];
  for (let n = 0; n < count; n += 1) {
    const { client, transfers } = await enrolClient(service, fund, TODAY, { rail });
    paid.push({ client, transfer: transfers[0]?.id ?? '' });
  }
  return { fund, run: (await releaseRun(service, TODAY)).id, paid };
}

const commitsOf = async (act: string, run: string) => {
  const [row] = await sql<{ acts: number; commits: number }>(
    service.db.url,
    'select count(*)::int acts, count(distinct xmin::text)::int commits from access.audit_event where act = $1 and subject_id = $2',
    [act, run],
  );
  return row;
};

describe('results told one at a time by many at once', () => {
  it('share transactions, and each call gets its own answer and its own place in the audit trail', async () => {
    const { fund, run, paid } = await instructed(40);
    const answers = await Promise.all(
      paid.map(({ transfer }) => tell(run, { transfer, outcome: 'settled' }).expect(200)),
    );
    for (const { body } of answers)
      expect(body).toEqual({ recorded: 1, repeated: 0, waiting: 0, states: { settled: 1 } });
    const trail = await commitsOf('run.results', run);
    expect(trail?.acts).toBe(40);
    expect(trail?.commits).toBeLessThan(20);
    expect(await books(service, fund)).toMatchObject({ paid: '188280.00', 'clearing:cash': '0.00' });
    expect(await brokenRules(service)).toEqual([]);
  });

  it('of several runs and by several people are recorded with their own run and teller', async () => {
    const [one, other] = [await instructed(6), await instructed(6)];
    const tellers = ['finance-preparer', 'finance-approver', 'finance-releaser'] as const;
    await Promise.all(
      [one, other].flatMap(({ run, paid }) =>
        paid.map(({ transfer }, n) =>
          service
            .as(tellers[n % 3]!)
            .post(`/api/v1/runs/${run}/results`, { results: [{ transfer, outcome: 'settled' }] })
            .expect(200),
        ),
      ),
    );
    for (const { run } of [one, other]) {
      const told = await sql<{ recorded_by: string; n: number }>(
        service.db.url,
        `select e.recorded_by, count(*)::int n from payments.evidence e join payments.attempt a on a.id = e.attempt_id
         where a.run_id = $1 group by e.recorded_by`,
        [run],
      );
      expect(new Map(told.map((row) => [row.recorded_by, row.n]))).toEqual(
        new Map(tellers.map((role) => [service.actor(role).userId, 2])),
      );
    }
  });

  it('leave nobody with the fault of another, whether we see it or the database does', async () => {
    const { run, paid } = await instructed(12);
    const [wrongRun] = (await instructed(1)).paid;
    const good = paid.slice(4).map(({ transfer }) => tell(run, { transfer, outcome: 'settled' }));
    const bad = [
      tell(run, { transfer: wrongRun?.transfer, outcome: 'settled' }),
      tell(run, { transfer: paid[0]?.transfer, outcome: 'settled', happenedOn: '2026-03-03' }),
      tell(run, { transfer: paid[1]?.transfer, outcome: 'returned' }),
      tell(run, { transfer: paid[2]?.transfer, outcome: 'settled', reference: 'a\u0000b' }),
    ];
    const refused = await Promise.all(bad);
    expectProblem(refused[0]!, { status: 422, code: 'transfer-not-in-run', field: 'results.0.transfer' });
    expectProblem(refused[1]!, { status: 422, code: 'date-in-the-future', field: 'results.0.happenedOn' });
    expectProblem(refused[2]!, { status: 422, code: 'evidence-reference-missing', field: 'results.0.reference' });
    expectProblem(refused[3]!, { status: 400, code: 'text-malformed' });
    for (const { status, body } of await Promise.all(good))
      expect({ status, body }).toEqual({
        status: 200,
        body: { recorded: 1, repeated: 0, waiting: 0, states: { settled: 1 } },
      });
    expect((await commitsOf('run.results', run))?.acts).toBe(8);
    for (const { client } of paid.slice(0, 4)) expect((await firstTransfer(service, client)).state).toBe('instructed');
  });

  it('beside a file of results for the same transfers do not wait in a circle', async () => {
    const { run, paid } = await instructed(30);
    const file = paid.map(({ transfer }) => ({ transfer, outcome: 'settled', reference: 'file' }));
    const answers = await Promise.all([
      tell(run, ...file),
      ...[...paid].reverse().map(({ transfer }) => tell(run, { transfer, outcome: 'accepted' })),
      tell(run, ...[...file].reverse()),
    ]);
    expect(answers.map(({ status }) => status)).toEqual(Array(32).fill(200));
    expect((answers[0].body as ResultsRecorded).recorded + (answers[31]!.body as ResultsRecorded).recorded).toBe(30);
    expect(await brokenRules(service)).toEqual([]);
  });
});

describe('calls recorded together', () => {
  const actor = () => service.actor('finance-preparer');

  it('about one transfer come to what they come to one after another, entry by entry', async () => {
    const chance = chanceFor('results told together');
    const { fund, run, paid } = await instructed(24);
    const [alone, together] = [paid.slice(0, 12), paid.slice(12)];
    travel(service, '2026-03-20');
    const kinds = [
      'accepted',
      'settled',
      'failed',
      'unclear',
      'resolved-paid',
      'resolved-not-paid',
      'returned',
    ] as const;
    const stories = alone.map(() =>
      Array.from({ length: chance.integer(1, 5) }, () =>
        chance.percent(20) ? [] : [resultFor(chance.pick(kinds), '', `2026-03-0${chance.integer(3, 9)}`)],
      ),
    );
    // Every story is told of a pair: of one transfer call by call, of the other with all calls in one transaction.
    const results = service.app.get(ResultsService);
    const told = (transfer: string, told: NewResult[]) => ({
      actor: actor(),
      runId: run,
      results: told.map((result) => ({ ...result, transfer })),
    });
    const answersAlone: unknown[] = [];
    for (const [n, story] of stories.entries())
      for (const call of story) answersAlone.push(...(await results.recordTogether([told(alone[n]!.transfer, call)])));
    const answersTogether = await results.recordTogether(
      stories.flatMap((story, n) => story.map((call) => told(together[n]!.transfer, call))),
    );
    expect(answersTogether).toEqual(answersAlone);

    const became = async (transfer: string) =>
      sql(
        service.db.url,
        `select o.state, o.settled_on::text, a.state attempt, a.settled_on::text attempt_settled_on,
                (select array_agg(e.kind || ' ' || e.happened_on order by e.seq) from ledger.entry e where e.source_id = a.id) entries,
                (select count(*)::int from payments.evidence v where v.attempt_id = a.id) evidence,
                (select array_agg(t.act order by t.seq) from access.audit_event t where t.subject_id = o.id::text) acts
         from payments.obligation o join payments.attempt a on a.obligation_id = o.id where o.id = $1`,
        [transfer],
      );
    for (const [n, { transfer }] of alone.entries())
      expect({ n, became: await became(together[n]!.transfer) }).toEqual({ n, became: await became(transfer) });
    expect(await brokenRules(service)).toEqual([]);
    travel(service, TODAY);
    expect(Object.keys(await books(service, fund))).toContain('returned');
  });

  it('that say the same word for word are one recorded and the others repeated', async () => {
    const { run, paid } = await instructed(1);
    const call = {
      actor: actor(),
      runId: run,
      results: [{ transfer: paid[0]!.transfer, outcome: 'settled' as const }],
    };
    expect(await service.app.get(ResultsService).recordTogether([call, call, call])).toEqual([
      { recorded: 1, repeated: 0, waiting: 0, states: { settled: 1 } },
      { recorded: 0, repeated: 1, waiting: 0, states: { settled: 1 } },
      { recorded: 0, repeated: 1, waiting: 0, states: { settled: 1 } },
    ]);
  });

  it('are answered each with the state that it left, not with the last one', async () => {
    const { run, paid } = await instructed(1, 'cash');
    const say = (outcome: NewResult['outcome']) => ({
      actor: actor(),
      runId: run,
      results: [{ transfer: paid[0]!.transfer, outcome, reference: 'receipt' }],
    });
    const answers = await service.app
      .get(ResultsService)
      .recordTogether([say('accepted'), say('settled'), say('returned')]);
    expect(answers).toMatchObject([
      { states: { accepted: 1 } },
      { states: { settled: 1 } },
      { states: { returned: 1 } },
    ]);
  });
});
