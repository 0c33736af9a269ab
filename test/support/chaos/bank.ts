/** A bank that takes files, by its real path: the file is made and handed over, and what the bank sends back about it is taken in, late, twice, in any order. */
import { Readable } from 'node:stream';
import { BankFileDownloadsService } from '../../../src/transfers/rails/bank-file/bank-file-downloads.service.js';
import { BankFilesService } from '../../../src/transfers/rails/bank-file/bank-files.service.js';
import { PayingAccountsService } from '../../../src/transfers/rails/bank-file/paying-accounts.service.js';
import { BankReportsService } from '../../../src/transfers/reconciliation/bank-reports.service.js';
import { Spool } from '../../../src/transfers/reconciliation/spool.js';
import { payingAccountBody } from '../bank-files.js';
import { SimulatedBank } from '../rail-simulator/bank-files.js';
import type { Attempt, Scene } from './scene.js';

interface Letter {
  what: 'pain.002' | 'camt.053' | 'camt.054';
  text: string;
}

export class Bank {
  private readonly simulated: SimulatedBank;
  private readonly account: string;
  private letters: Letter[] = [];
  /** Days of which there is a statement in the end. */
  private readonly stated = new Set<string>();
  /** Files that the bank has: whoever took one hands it over once. */
  private readonly handedOver = new Set<string>();
  private readonly abandoned = new Set<string>();

  constructor(
    private readonly scene: Scene,
    private readonly fund: string,
  ) {
    this.account = String(scene.chance.integer(1_000_000_000, 9_999_999_999));
    this.simulated = new SimulatedBank(scene.simulator, { account: this.account, currency: 'THB' });
    scene.hasBank = true;
  }

  async openAccount(): Promise<void> {
    const body = { ...payingAccountBody([this.fund], { account: this.account }), accountKind: 'bban' as const };
    await this.app(PayingAccountsService).open(this.scene.world.people.preparer, body);
  }

  /** The files of released runs are made, taken, and given to the bank, which answers at once. */
  async send(): Promise<void> {
    const { scene } = this;
    const { releaser } = scene.world.people;
    const waiting = (await scene.attempts()).filter(({ rail }) => rail === 'bank-file');
    for (const run of new Set(waiting.map((attempt) => attempt.run))) {
      const files = this.app(BankFilesService);
      await scene.step('make the file', 30, () => files.make(releaser, run));
      const { items } = await files.ofRun(releaser, run);
      for (const { id, taken } of items) {
        if (taken === 0 && !this.handedOver.has(id) && scene.chance.percent(10)) await this.abandon(id);
        const isTried = !this.abandoned.has(id) || scene.chance.percent(20);
        if (!this.handedOver.has(id) && isTried) await this.handOver(id, waiting);
      }
    }
  }

  /** What stands in it comes to stand in the next one. */
  private async abandon(file: string): Promise<void> {
    const { scene } = this;
    const { releaser } = scene.world.people;
    await scene.step('abandon the file', 5, () => this.app(BankFilesService).abandon(releaser, file, 'wrong-day'));
    const [gone] = await scene.world.look('select from payments.bank_file_abandoned where bank_file_id = $1', [file]);
    if (!gone) return;
    scene.count('file abandoned');
    this.abandoned.add(file);
  }

  /** What the bank has learned since. */
  report(): void {
    const news = this.scene.heardByBank.splice(0);
    const text = news.length > 0 ? this.simulated.report(news) : null;
    if (text) this.letters.push({ what: 'pain.002', text });
  }

  /** The day's entries, with a stranger, as a statement once it has ended, or as an advice; some days come as both. */
  statement(day: string): void {
    const { chance } = this.scene;
    const options = { strangers: chance.integer(0, 1) };
    if (options.strangers > 0) this.scene.count('stranger on a bank statement');
    if (day < this.scene.railDay() && chance.percent(60))
      this.letters.push({ what: 'camt.053', text: this.simulated.statement(day, options) });
    if (chance.percent(60)) {
      const batched = chance.percent(40);
      if (batched) this.scene.count('booked as one batch');
      this.letters.push({ what: 'camt.054', text: this.simulated.advice(day, { ...options, batched }) });
    }
  }

  /** Some of what came is taken in, in any order, some of it twice. */
  async takeIn(): Promise<void> {
    const { scene } = this;
    const { chance } = scene;
    this.report();
    const waiting = chance.shuffled(this.letters);
    this.letters = [];
    for (const letter of waiting) {
      if (chance.percent(25)) {
        this.letters.push(letter);
        continue;
      }
      scene.count(`taken in: ${letter.what}`);
      // A process that dies leaves the file half read: whoever has it sends it again.
      await scene.step(`take in ${letter.what}`, 24, () => this.take(letter));
      if (chance.percent(70)) continue;
      scene.count('bank report twice');
      this.letters.push(letter);
    }
  }

  /** In the end the bank has every file that was made and can be taken, and all that it ever said is taken in; and a statement of each day. */
  async settle(): Promise<void> {
    await this.send();
    this.report();
    for (const day of this.daysToState().filter((one) => one < this.scene.railDay())) {
      this.stated.add(day);
      this.letters.push({ what: 'camt.053', text: this.simulated.statement(day) });
    }
    for (const letter of this.letters.splice(0)) await this.take(letter);
  }

  hasNews(): boolean {
    return this.daysToState().length > 0;
  }

  private daysToState(): string[] {
    return [...new Set(this.scene.simulator.ledger.map(({ on }) => on))].filter((day) => !this.stated.has(day));
  }

  private async handOver(file: string, attempts: readonly Attempt[]): Promise<void> {
    const { scene } = this;
    const { releaser } = scene.world.people;
    const hasRival = scene.chance.percent(8);
    if (hasRival) scene.count('taken and abandoned at once');
    let taken = '';
    await scene.step('take the file', 12, async () => {
      const [opened, rival] = await Promise.allSettled([
        this.app(BankFileDownloadsService).open(releaser, file),
        hasRival ? this.app(BankFilesService).abandon(releaser, file, 'wrong-account') : undefined,
      ]);
      if (opened.status === 'fulfilled') {
        const read: Buffer[] = [];
        for await (const chunk of opened.value.chunks) read.push(chunk);
        await opened.value.close();
        taken = Buffer.concat(read).toString();
      }
      for (const one of [opened, rival]) if (one.status === 'rejected') throw one.reason;
    });
    if (!taken) return;
    this.handedOver.add(file);
    const onlyRejected = scene.chance.percent(20);
    if (onlyRejected) scene.count('only what was rejected is reported');
    const answer = this.simulated.take(
      taken,
      ({ id }) => {
        const attempt = attempts.find((one) => one.id === id);
        if (!attempt) throw new Error('a file pays what nobody instructed');
        scene.inFiles.add(id);
        return scene.planOf(attempt.account, `${attempt.instalment} by bank-file`);
      },
      { onlyRejected },
    );
    scene.count('file handed over');
    scene.collect();
    this.letters.push({ what: 'pain.002', text: answer });
  }

  private async take({ text }: Letter): Promise<void> {
    const { preparer } = this.scene.world.people;
    const kept = await this.app(Spool).keep(Readable.from([Buffer.from(text)]));
    const { done } = await this.app(BankReportsService).begin(preparer, kept);
    await done;
  }

  private app<T>(service: new (...given: never[]) => T): T {
    return this.scene.world.service.app.get<T>(service);
  }
}
