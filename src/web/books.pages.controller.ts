/** The books as a page: what every fund holds, and the trial balance folded from all entries. */
import { Controller, Get, Render } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { Allow, CurrentActor } from '../access/declarations.js';
import type { Actor } from '../access/domain/actor.js';
import { FundsService } from '../funds/funds.service.js';
import type { AccountKind } from '../ledger/domain/entry.js';
import { BooksService, type TrialBalanceAccount } from '../ledger/books.service.js';
import { VerificationService } from '../ledger/verification/verification.service.js';
import { fundOverviews } from './fund-overview.js';

@ApiExcludeController()
@Controller('books')
export class BooksPagesController {
  constructor(
    private readonly books: BooksService,
    private readonly funds: FundsService,
    private readonly verification: VerificationService,
  ) {}

  @Get()
  @Allow('books:read')
  @Render('books')
  async show(@CurrentActor() actor: Actor) {
    const trialBalance = await this.books.trialBalance(actor);
    const funds = (await this.funds.list(actor)).flatMap(fundOverviews).map((overview) => ({
      ...overview,
      accounts: accountsInOrder(
        trialBalance.accounts.filter(({ fund, currency }) => fund === overview.code && currency === overview.currency),
      ),
    }));
    return { trialBalance, funds, verified: await this.verification.latest(actor) };
  }
}

/** First where the money is, then whose it is, as the sentence on the page says it. */
const KINDS_IN_ORDER: readonly AccountKind[] = [
  'bank',
  'clearing',
  'float',
  'paid',
  'fund',
  'committed',
  'returned',
  'exchange',
];

function accountsInOrder(accounts: TrialBalanceAccount[]): TrialBalanceAccount[] {
  const place = ({ account }: TrialBalanceAccount) => KINDS_IN_ORDER.indexOf(account.split(':')[0] as AccountKind);
  return [...accounts].sort((a, b) => place(a) - place(b));
}
