/**
 * Single grant calls through the service, from 1, 8 and 64 callers at once, against the same calls each in a transaction of its own, turn by
 * turn: what it brings that calls that come together share a commit, and what it costs whoever comes alone. Once on one fund, whose
 * balances everybody waits for, and once with a fund for each caller. Every commit is durable. `npm run bench:grants [-- rounds]`
 */
import 'reflect-metadata';
import { operatorActor } from '../src/access/domain/actor.js';
import { UsersService } from '../src/access/users.service.js';
import { Clock } from '../src/kernel/clock.js';
import { Problem } from '../src/kernel/domain/problem.js';
import { Ids } from '../src/kernel/ids.js';
import { FundsService } from '../src/funds/funds.service.js';
import { GrantsService, type GrantReceived, type GrantTold } from '../src/funds/grants.service.js';
import { createService } from '../src/service.js';
import { benchDatabase } from './bench-database.js';
import { figure, median, progress, seconds } from './measured.js';

const CALLERS = [1, 8, 64];
const CALLS_A_ROUND: Record<number, number> = { 1: 64, 8: 256, 64: 1_024 };
const rounds = Number(process.argv[2] ?? '7');

const db = await benchDatabase();
const clock = new Clock();
const ids = new Ids(clock);
const app = await createService(
  {
    databaseUrl: db.url,
    queue: { on: 'postgres', url: db.url },
    masterKey: Buffer.alloc(32, 1),
    clock,
    timeZone: 'Asia/Bangkok',
    worksOnJobs: false,
  },
  { quiet: true },
);
try {
  const grants = app.get(GrantsService);
  const actor = await preparer();
  const funds = await Promise.all(Array.from({ length: Math.max(...CALLERS) }, openFund));
  const together = (told: GrantTold) => grants.receive(told.actor, told.fundId, told.grant);
  const alone = async (told: GrantTold): Promise<GrantReceived> => {
    const [answer] = await grants.receiveTogether([told]);
    if (answer === undefined || answer instanceof Problem) throw answer ?? new Error('a call was not answered');
    return answer;
  };
  for (const [where, fundsUsed] of [
    ['on one fund', 1],
    ['on a fund for each caller', funds.length],
  ] as const) {
    for (const callers of CALLERS) {
      const ratios: number[] = [];
      const rates: number[] = [];
      const calls = CALLS_A_ROUND[callers] ?? 0;
      for (let round = 0; round <= rounds; round++) {
        const seconds = { together: 0, alone: 0 };
        // Who comes first in a round changes, so that neither has the warmer machine.
        for (const way of round % 2 === 0 ? (['together', 'alone'] as const) : (['alone', 'together'] as const))
          seconds[way] = await secondsFor(callers, calls, fundsUsed, way === 'together' ? together : alone);
        if (round === 0) continue; // the first round warms caches and plans
        ratios.push(seconds.alone / seconds.together);
        rates.push(calls / seconds.together);
        progress(
          `${callers} callers ${where}, round ${round}: together ${Math.round(calls / seconds.together)}/s, alone ${Math.round(calls / seconds.alone)}/s`,
        );
      }
      figure(`grants from ${callers} callers ${where}: sharing commits against a transaction for each call`, {
        ratio: median(ratios),
        ratios: ratios.map((ratio) => Number(ratio.toPrecision(3))),
        receivedPerSecond: median(rates),
      });
    }
  }

  async function secondsFor(
    callers: number,
    calls: number,
    fundsUsed: number,
    receive: (told: GrantTold) => Promise<GrantReceived>,
  ): Promise<number> {
    const told = Array.from({ length: calls }, (_, n) => grantTo(funds[(n % callers) % fundsUsed] ?? ''));
    return seconds(() =>
      Promise.all(
        Array.from({ length: callers }, async (_, caller) => {
          for (let k = caller; k < calls; k += callers) {
            const one = told[k];
            if (one && !(await receive(one)).created) throw new Error('a new grant was there before');
          }
        }),
      ),
    );
  }

  function grantTo(fundId: string): GrantTold {
    const grant = { id: ids.newId(), amount: '9000.00', currency: 'THB', receivedOn: '2026-01-05', reference: 'bench' };
    return { actor, fundId, grant };
  }

  async function openFund(_: unknown, n: number): Promise<string> {
    const id = ids.newId();
    const code = `bench-${n}`;
    await app.get(FundsService).open(actor, { id, donor: `bench ${n}`, code, name: code, currency: 'THB' });
    return id;
  }

  async function preparer() {
    const users = app.get(UsersService);
    const id = await users.create(operatorActor('bench'), {
      email: 'finance-preparer@bench.example',
      displayName: 'finance-preparer',
      password: 'a password for a benchmark',
      roles: ['finance-preparer'],
    });
    const found = await users.actorOf(id, 'bench');
    if (!found) throw new Error('a user just made is not there');
    return found;
  }
} finally {
  await app.close();
  await db.close();
}
