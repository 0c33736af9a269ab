/** One schedule's own part of the world: its clients and their transfers, its rail, its day, and steps in which the service may die or be asked twice. */
import { QueryFailedError } from 'typeorm';
import { Problem } from '../../../src/kernel/domain/problem.js';
import { addDays, dayIn, type PlainDate } from '../../../src/kernel/domain/plain-date.js';
import { DATABASE_REFUSALS } from '../../../src/kernel/http/database-refusals.js';
import type { Rail } from '../../../src/funds/rails.js';
import type { AttemptState } from '../../../src/transfers/domain/attempt-state.js';
import type { TransferState } from '../../../src/transfers/obligation.entity.js';
import { chanceOf, seedOf, type Chance } from '../chance.js';
import { planFor, RailSimulator, type Mode, type Plan, type SimCallback } from '../rail-simulator/core.js';
import type { DeathAt } from './crash.js';
import type { World } from './world.js';

/** How often what was drawn, over all schedules. */
export type Tally = Map<string, number>;

/** What is drawn from: all that can happen, where nothing is named. */
export interface Draw {
  rails?: readonly Rail[];
  modes?: readonly Mode[];
}

export interface SceneClient {
  code: string;
  account: string;
  /** By which they want to be paid now. */
  rail: Rail;
  country: string;
  enrolment: string;
}

export interface Attempt {
  id: string;
  transfer: string;
  client: string;
  /** Theirs, which the seed gives again, unlike ids. */
  account: string;
  run: string;
  attempt_no: number;
  instalment: number;
  is_top_up: boolean;
  rail: Rail;
  state: AttemptState;
  amount_minor: string;
  instructed_on: PlainDate;
  catch_up: boolean;
  released: boolean;
  evidence: string[];
}

export interface Transfer {
  id: string;
  instalment: number;
  due_on: PlainDate;
  state: TransferState;
}

export interface OpenRun {
  id: string;
  digest: string;
  acts: string[];
}

/** The rail's own days, and those of the organisation. */
export const ZONE = 'Asia/Bangkok';

export class Scene {
  readonly simulator: RailSimulator;
  readonly clients: SceneClient[] = [];
  /** Ids of all transfers. */
  readonly transferIds: string[] = [];
  /** Clients who do not want to be paid at this moment, with how many payments the operator had received when they said so. */
  readonly unwilling = new Map<string, number>();
  /** What the operator received of anybody while a client did not want to be paid: the client, and which of what it received. */
  readonly whileUnwilling: { client: string; from: number; to: number }[] = [];
  fundId = '';
  fundCode = '';
  /** Of Thailand, where a wage holds that rises; without one the fund pays amounts set by decision. */
  region: string | undefined;
  /** Callbacks of the operator that were not delivered yet. */
  callbacks: SimCallback[] = [];
  /** Callbacks of the rails on which people pay: what those people hear. */
  heard: SimCallback[] = [];
  /** Callbacks of the bank that takes files, and what stood in files that it has. Without such a bank its payments are made from lists. */
  heardByBank: SimCallback[] = [];
  readonly inFiles = new Set<string>();
  hasBank = false;
  /** Payments that somebody carries with a voucher: they see for themselves what becomes of it. */
  readonly carried = new Set<string>();
  hasVouchers = false;
  /** What people paid from lists: each attempt once. */
  readonly taken = new Set<string>();
  /** Transfers of which somebody told falsely that they were not paid. */
  readonly lies = new Set<string>();
  readonly log: string[] = [];
  private readonly sendings = new Map<string, number>();

  constructor(
    readonly world: World,
    readonly seed: number,
    readonly chance: Chance,
    readonly tally: Tally,
    start: Date,
    private readonly calm: boolean,
    private readonly draw: Draw,
  ) {
    world.service.clock.travelTo(start);
    this.simulator = new RailSimulator(this.railDay(), { forgetsIds: true });
    world.operator.simulator = this.simulator;
    world.operator.plan = (account, text) => this.planOf(account, text);
  }

  count(what: string): void {
    this.tally.set(what, (this.tally.get(what) ?? 0) + 1);
  }

  now(): Date {
    return this.world.service.clock.now();
  }

  railDay(): PlainDate {
    return dayIn(ZONE, this.now());
  }

  /** Time passes, and the rail does what is due by then. */
  pass(minutes: number): void {
    this.world.service.clock.travelTo(new Date(this.now().getTime() + minutes * 60_000));
    this.log.push(`-- ${this.now().toISOString()}`);
    this.simulator.tick(this.railDay());
    this.collect();
  }

  /** Until that day, at an hour that is another day in Yangon or is not. */
  passUntil(day: PlainDate): void {
    const at = this.chance.pick(['00:10', '06:00', '10:00', '23:50']);
    const target = new Date(`${day}T${at}:00+07:00`).getTime();
    const minutes = Math.ceil((target - this.now().getTime()) / 60_000);
    this.pass(Math.max(1, minutes));
  }

  /** What the rail has said since the last time. */
  collect(): void {
    for (const callback of this.simulator.due().filter(({ id }) => !this.carried.has(id))) {
      const listeners = this.taken.has(callback.id)
        ? this.heard
        : this.inFiles.has(callback.id)
          ? this.heardByBank
          : this.callbacks;
      listeners.push(callback);
    }
  }

  /** The same draw for the same client, instalment and try, whatever came before. */
  planOf(account: string, text: string): Plan {
    const key = `${account}/${text}`;
    const sending = this.sendings.get(key) ?? 0;
    this.sendings.set(key, sending + 1);
    const plan = planFor(chanceOf(seedOf(`${this.seed}/${key}/${sending}`)), this.draw.modes);
    this.count(`rail: ${plan.mode}`);
    this.log.push(`rail: ${key} try ${sending + 1}: ${plan.mode} ${plan.days}`);
    return plan;
  }

  /**
   * Does something that may be refused, in a process that may die at one of about so many statements, or may be asked twice at once; and then
   * the same once more, by whoever comes after. Throws what is a fault of ours.
   */
  async step(name: string, statements: number, work: () => Promise<unknown>): Promise<void> {
    const { chance } = this;
    const dies = !this.calm && chance.percent(9);
    const deathAt = dies
      ? { statement: chance.integer(1, statements), isDone: chance.percent(50), isCut: chance.percent(10) }
      : undefined;
    const hasDied = await this.attempt(name, chance.percent(8) ? 2 : 1, work, deathAt);
    if (hasDied) this.count(`died in: ${name.replace(/ through.*/, '')}`);
    if (hasDied && deathAt?.isCut) this.count('died with its connections');
    if (hasDied ? chance.percent(80) : chance.percent(10)) {
      if (!hasDied) this.count('asked again');
      await this.attempt(`${name} again`, chance.percent(40) ? 2 : 1, work, undefined);
    }
  }

  /** As `step`, where the operator's receiving may be the last thing before or after which the process dies. */
  async sendingStep(name: string, statements: number, work: () => Promise<unknown>): Promise<void> {
    const { operator, process } = this.world;
    const dies = this.calm ? 'not' : this.chance.pick(['before', 'after', 'not', 'not', 'not', 'not', 'not', 'not']);
    const isCut = this.chance.percent(10);
    const deadly = () => {
      this.count(`died ${dies} the operator received`);
      process.die(isCut);
      process.requireLife();
    };
    const countdown = { left: this.chance.integer(1, 2) };
    const isNow = (place: string) => place === dies && (countdown.left -= 1) === 0;
    operator.before = () => {
      process.requireLife();
      if (isNow('before')) deadly();
    };
    const callsEarly = this.chance.percent(60);
    operator.after = async () => {
      if (isNow('after')) deadly();
      this.collect();
      if (callsEarly && this.callbacks.length > 0) await this.deliverEarly();
    };
    await this.step(name, statements, work);
    operator.before = () => process.requireLife();
    operator.after = () => this.collect();
  }

  /** Set by who delivers callbacks. */
  deliverEarly: () => Promise<void> = () => Promise.resolve();

  private async attempt(
    name: string,
    copies: number,
    work: () => Promise<unknown>,
    deathAt: DeathAt | undefined,
  ): Promise<boolean> {
    const { process } = this.world;
    process.arm(deathAt);
    if (copies > 1) this.count('twice at once');
    const outcomes = await Promise.allSettled(Array.from({ length: copies }, () => process.run(work)));
    const hasDied = await process.revive();
    this.tally.set('statements', (this.tally.get('statements') ?? 0) + process.statementsSinceArmed());
    const refusals = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as unknown] : []));
    this.log.push(
      `${name}${copies > 1 ? ` x${copies}` : ''}${hasDied ? ` DIED at ${JSON.stringify(deathAt ?? 'the rail')}` : ''}${refusals.map((one) => ` (${wordOf(one)})`).join('')}`,
    );
    if (hasDied) return true;
    for (const refusal of refusals) {
      if (!isRefusal(refusal)) throw refusal;
      this.count(`refused: ${wordOf(refusal)}`);
    }
    return false;
  }

  /** In an order that the seed gives again. */
  attempts(): Promise<Attempt[]> {
    return this.world.look<Attempt>(
      `select a.id, a.obligation_id transfer, c.code client, ($3::text[])[array_position($2, c.code)] account, a.run_id run, a.attempt_no, o.instalment, o.tops_up is not null is_top_up, a.rail, a.state, a.amount_minor::text,
              a.instructed_on::text, r.catch_up, array(select e.kind from payments.evidence e where e.attempt_id = a.id order by e.recorded_at) evidence,
              exists (select from payments.run_signature s where s.run_id = a.run_id and s.act = 'release') released
       from payments.attempt a join payments.obligation o on o.id = a.obligation_id join payments.run r on r.id = a.run_id
       join casework.client c on c.id = o.client_id
       where a.obligation_id = any ($1) order by a.instructed_at, array_position($2, c.code), o.instalment, array_position($1, o.id), a.attempt_no`,
      [this.transferIds, this.clients.map(({ code }) => code), this.clients.map(({ account }) => account)],
    );
  }

  transfers(): Promise<Transfer[]> {
    return this.world.look<Transfer>(
      'select id, instalment, due_on::text, state from payments.obligation where id = any ($1) order by due_on, array_position($1, id)',
      [this.transferIds],
    );
  }

  /** Runs that are neither released nor sent back, oldest first. */
  openRuns(): Promise<OpenRun[]> {
    return this.world.look<OpenRun>(
      `select r.id, r.digest, array(select s.act from payments.run_signature s where s.run_id = r.id) acts from payments.run r
       where not exists (select from payments.run_signature s where s.run_id = r.id and s.act in ('release', 'send-back')) order by r.prepared_at, r.id`,
    );
  }

  dayAfter(days: number): PlainDate {
    return addDays(this.railDay(), days);
  }
}

/** What callers are told; anything else is a fault of ours. */
function isRefusal(error: unknown): boolean {
  if (error instanceof Problem) return true;
  return error instanceof QueryFailedError && (codeOf(error) ?? '') in DATABASE_REFUSALS;
}

function codeOf(error: QueryFailedError): string | undefined {
  return (error.driverError as { code?: string }).code;
}

function wordOf(error: unknown): string {
  if (error instanceof Problem) return error.code;
  if (error instanceof QueryFailedError) return codeOf(error) ?? error.message;
  return error instanceof Error ? error.message : String(error);
}
