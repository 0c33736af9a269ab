/** Figures for whoever watches over the service (Prometheus): whether the ledger verified, and how old the log's last checkpoint is. No counts of people or payments. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { Controller, Get, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { Gauge, Registry } from 'prom-client';
import { Public } from '../access/declarations.js';
import { Problem } from '../kernel/domain/problem.js';
import { Settings } from '../kernel/settings.js';
import { LedgerHealth } from '../ledger/ledger-health.service.js';

@ApiExcludeController()
@Controller('metrics')
export class MetricsController {
  private readonly registry = new Registry();
  private readonly holds = this.gauge('uct_ledger_holds', '1 when the last verification of the ledger found no fault');
  private readonly verifiedAt = this.gauge(
    'uct_ledger_verified_timestamp_seconds',
    'When the ledger was last verified',
  );
  private readonly checkpointAt = this.gauge(
    'uct_log_checkpoint_timestamp_seconds',
    'When the last checkpoint was made',
  );
  private readonly cosignatures = this.gauge('uct_log_cosignatures', 'Witnesses that cosigned the last checkpoint');
  private readonly oldestWaiting = this.gauge(
    'uct_log_oldest_waiting_seconds',
    'Age of the oldest entry that is not in the log yet',
  );

  constructor(
    private readonly health: LedgerHealth,
    private readonly settings: Settings,
  ) {}

  @Get()
  @Public() // and yet nobody gets anything without the token
  async show(@Req() request: Request, @Res() response: Response): Promise<void> {
    const token = this.settings.metricsToken;
    if (!token || !isSame(request.get('authorization') ?? '', `Bearer ${token}`)) throw Problem.notFound('page');
    const health = await this.health.now();
    const told: [Gauge, number | null][] = [
      [this.holds, health.holds === null ? null : Number(health.holds)],
      [this.verifiedAt, seconds(health.verifiedAt)],
      [this.checkpointAt, seconds(health.checkpointAt)],
      [this.cosignatures, health.cosignatures],
      [this.oldestWaiting, health.oldestWaitingSeconds],
    ];
    this.registry.resetMetrics();
    for (const [gauge, value] of told) {
      if (value === null) gauge.remove();
      else gauge.set(value);
    }
    response.type(this.registry.contentType).send(await this.registry.metrics());
  }

  private gauge(name: string, help: string): Gauge {
    return new Gauge({ name, help, registers: [this.registry] });
  }
}

function seconds(instant: Date | null): number | null {
  return instant && instant.getTime() / 1000;
}

/** Takes as long for a wrong token as for the right one. */
function isSame(given: string, wanted: string): boolean {
  const [one, other] = [given, wanted].map((text) => createHash('sha256').update(text).digest());
  return one !== undefined && other !== undefined && timingSafeEqual(one, other);
}
