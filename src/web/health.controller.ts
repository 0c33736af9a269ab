/** Whether the process runs, and whether it may be asked. For those who start and watch the service. */
import { Controller, Get, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Response } from 'express';
import { DataSource } from 'typeorm';
import { Public } from '../access/declarations.js';
import { Readiness } from '../kernel/readiness.js';

@ApiExcludeController()
@Controller('health')
@Public()
export class HealthController {
  constructor(
    private readonly db: DataSource,
    private readonly readiness: Readiness,
  ) {}

  @Get('live')
  live() {
    return { status: 'ok' };
  }

  @Get('ready')
  async ready(@Res({ passthrough: true }) response: Response) {
    if (this.readiness.state !== 'ready') {
      response.status(503);
      return { status: 'starting' };
    }
    const databaseAnswers = await this.db.query('select 1').then(
      () => true,
      () => false,
    );
    if (!databaseAnswers) {
      response.status(503);
      return { status: 'not-ready', database: 'does not answer' };
    }
    return { status: 'ready' };
  }
}
