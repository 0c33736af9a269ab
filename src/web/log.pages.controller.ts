/** The log as a page for those who read the books: its checkpoints and witnesses, and what the last verification found. */
import { Controller, Get, Post, Redirect, Render } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { Allow, CurrentActor } from '../access/declarations.js';
import type { Actor } from '../access/domain/actor.js';
import { LedgerSchedules } from '../ledger/ledger-jobs.js';
import { LogReader } from '../ledger/transparency-log/log-reader.service.js';
import { QUORUM, Witnesses } from '../ledger/transparency-log/witnesses.service.js';
import { LogSigner } from '../ledger/transparency-log/log-signer.js';
import { VerificationService } from '../ledger/verification/verification.service.js';

const CHECKPOINTS_SHOWN = 14;

@ApiExcludeController()
@Controller('log')
export class LogPagesController {
  constructor(
    private readonly log: LogReader,
    private readonly signer: LogSigner,
    private readonly witnesses: Witnesses,
    private readonly verification: VerificationService,
    private readonly schedules: LedgerSchedules,
  ) {}

  @Get()
  @Allow('books:read')
  @Render('log')
  async show(@CurrentActor() actor: Actor) {
    return {
      checkpoints: await this.log.checkpoints(CHECKPOINTS_SHOWN),
      vkey: (await this.signer.signer()).vkey,
      witnesses: this.witnesses.keys,
      quorum: QUORUM,
      isDemonstration: this.witnesses.keys.some((key) => key.startsWith('demonstration-')),
      verified: await this.verification.latest(actor),
      verifyingPercent: await this.schedules.verifying(),
    };
  }

  @Post('verifications')
  @Allow('books:read')
  @Redirect('/log', 303)
  async verify(): Promise<void> {
    await this.schedules.verifyNow();
  }
}
