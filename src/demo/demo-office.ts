/** The organisation of the demonstration: its staff and funds, set up through the services as an operator would. */
import type { INestApplicationContext } from '@nestjs/common';
import { operatorActor, type Actor, type Role } from '../access/domain/actor.js';
import { UsersService } from '../access/users.service.js';
import { FundsService } from '../funds/funds.service.js';
import { GrantsService } from '../funds/grants.service.js';
import { idOfText } from '../kernel/ids.js';
import { currencies } from '../kernel/reference-data.js';
import { demoDonors, type DemoAccount } from './demo-accounts.js';
import type { PilotScript } from './domain/pilot-script.js';

const FUND_NAMES = {
  'fund-a': 'Freedom of Choice Fund',
  'fund-b': 'Harbour Cash Fund',
  'fund-c': 'Fair Nets Survivors Fund',
} as const;
const PILOT_VALUES = { TH: '9000.00', MM: '4707.00', LA: '3360.00' } as const;
/** Shares of what a fund will need, in per cent: together a little more than all of it. */
const GRANTS = [
  { on: '2015-05-18', percent: 75n },
  { on: '2015-11-16', percent: 40n },
];

/** The same id for the same name: what an interrupted rebuild did before is recognised when it goes on. */
export function demoId(name: string): string {
  return idOfText(`uct-ledger demonstration/${name}`);
}

export class DemoOffice {
  private constructor(
    private readonly app: INestApplicationContext,
    private readonly actors: ReadonlyMap<string, Actor>,
    private readonly script: PilotScript,
  ) {}

  /** Creates staff and funds that are not there yet. */
  static async open(
    app: INestApplicationContext,
    accounts: readonly DemoAccount[],
    script: PilotScript,
  ): Promise<DemoOffice> {
    const users = app.get(UsersService);
    const funds = app.get(FundsService);
    const operator = operatorActor('demonstration');
    for (const [code, donor] of Object.entries(demoDonors)) {
      await funds.open(operator, {
        id: demoId(code),
        donor,
        code,
        name: FUND_NAMES[code as keyof typeof FUND_NAMES],
        currency: 'THB',
        decidedLabel: 'pilot-2015',
      });
    }
    const actors = new Map<string, Actor>();
    for (const account of accounts) {
      const id =
        (await users.idByEmail(account.email)) ??
        (await users.create(operator, { ...account, roles: [account.role], secondFactorWaived: true }));
      if (account.donor) await funds.addDonorMember(operator, account.donor, id);
      const actor = await users.actorOf(id, 'demonstration');
      if (actor) actors.set(account.email, actor);
    }
    return new DemoOffice(app, actors, script);
  }

  /** Who acts in a role; there are three caseworkers. */
  staff(role: Role, number = 1): Actor {
    const local = role.replace('finance-', '') + (number > 1 ? String(number) : '');
    const actor = this.actors.get(`${local}@demo.example`);
    if (!actor) throw new Error(`the demonstration has no ${role} ${number}`);
    return actor;
  }

  /** Records the grants that arrive on that day. */
  async receiveGrants(today: string): Promise<void> {
    for (const { on, percent } of GRANTS) {
      if (on !== today) continue;
      for (const code of Object.keys(demoDonors)) {
        await this.app.get(GrantsService).receive(this.staff('finance-preparer'), demoId(code), {
          id: demoId(`grant/${code}/${on}`),
          amount: this.shareOf(code, percent),
          currency: 'THB',
          receivedOn: on,
          reference: `Grant agreement, instalment of ${on}`,
        });
      }
    }
  }

  static readonly firstGrantOn = GRANTS[0]?.on ?? '';

  /** That share of what the fund's clients will be paid, rounded up to a thousand baht. */
  private shareOf(fund: string, percent: bigint): string {
    const needed = this.script.clients
      .filter((client) => client.fund === fund)
      .reduce((sum, client) => sum + 3n * currencies.parse(PILOT_VALUES[client.country], 'THB').amountMinor, 0n);
    const thousand = 100_000n;
    const share = (needed * percent) / 100n;
    return currencies.format(((share + thousand - 1n) / thousand) * thousand, 'THB');
  }
}
