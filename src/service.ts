/** The HTTP service as `main.ts` runs it and as the tests drive it: the same middleware, the same limits, the same rooms. */
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import compression from 'compression';
import express, { type NextFunction, type Request, type Response } from 'express';
import { DataSource } from 'typeorm';
import { AuditSchedules } from './access/audit/audit-jobs.js';
import { AuditTrail } from './access/audit-trail.js';
import { RefusalFilter } from './access/refusal.filter.js';
import { AppModule } from './app.module.js';
import type { KernelOptions } from './kernel/kernel.module.js';
import { answerHeaders } from './kernel/http/answer-headers.js';
import { refuseStrangeBody } from './kernel/http/body-shape.js';
import { readCookies } from './kernel/http/cookies.js';
import { FORM, JSON_TYPES, refuseAmbiguousJson, refuseOtherContent } from './kernel/http/content-type.js';
import { validationPipe } from './kernel/http/validation.js';
import { Readiness } from './kernel/readiness.js';
import { ReportSchedules } from './donor-reports/report-jobs.js';
import { LedgerSchedules } from './ledger/ledger-jobs.js';
import { MobileMoneyQueue } from './transfers/rails/mobile-money/mobile-money-jobs.js';
import { TransferSchedules } from './transfers/transfer-schedules.js';
import { askToSignIn } from './web/carried.js';
import { configureViews } from './web/view-engine.js';

/** The longest interview in a script of three bytes a letter, of which a form makes nine. */
export const BODY_LIMIT_BYTES = 512 * 1024;

/** Builds the service without listening. It answers `/health/live` as soon as it listens and all else after `markReady`. */
export async function createService(
  options: KernelOptions,
  logging: { quiet: boolean } = { quiet: false },
): Promise<NestExpressApplication> {
  const app = await NestFactory.create<NestExpressApplication>(AppModule.forRoot(options), {
    bodyParser: false,
    logger: logging.quiet ? ['error', 'fatal'] : ['error', 'fatal', 'warn'],
    abortOnError: false,
  });
  const readiness = app.get(Readiness);
  app.disable('x-powered-by');
  app.set('query parser', 'simple');
  app.set('trust proxy', options.web?.trustProxy ?? 0);
  app.use(compression()); // pages go over slow lines
  app.use(answerHeaders());
  app.use((request: Request, response: Response, next: NextFunction) => {
    if (readiness.state === 'ready' || request.path.startsWith('/health/')) return next();
    response.status(503).setHeader('retry-after', '5').type('application/problem+json');
    response.send(
      JSON.stringify({
        type: 'urn:uct-ledger:problem:starting',
        title: 'starting',
        status: 503,
        code: 'starting',
        detail: 'The service is starting. Try again in a moment.',
      }),
    );
  });
  app.use(refuseOtherContent);
  app.use(express.json({ limit: BODY_LIMIT_BYTES, type: JSON_TYPES, verify: refuseAmbiguousJson }));
  app.use(express.urlencoded({ limit: BODY_LIMIT_BYTES, type: FORM, extended: false, parameterLimit: 200 }));
  app.use(refuseStrangeBody);
  app.use(readCookies);
  app.useGlobalPipes(validationPipe());
  app.useGlobalFilters(new RefusalFilter(app.get(AuditTrail), askToSignIn));
  configureViews(app);
  // Written when somebody first asks for it.
  SwaggerModule.setup('api/docs', app, () => SwaggerModule.createDocument(app, apiDescription()), {
    jsonDocumentUrl: 'api/docs/openapi.json',
  });
  try {
    await app.init();
  } catch (error) {
    await app.close().catch(() => undefined); // what was opened before the fault
    throw error;
  }
  return app;
}

/**
 * Registers every schedule anew; what a lost queue held is back after this. One process at a time: BullMQ on PostgreSQL refuses
 * a schedule that two are setting up at once, and the second of two that start together would not start.
 */
export async function registerSchedules(app: NestExpressApplication): Promise<void> {
  await app.get(DataSource).transaction(async (manager) => {
    await manager.query("select pg_advisory_xact_lock(hashtext('uct-ledger schedules'))");
    await app.get(AuditSchedules).register();
    await app.get(LedgerSchedules).register();
    await app.get(TransferSchedules).register();
    await app.get(MobileMoneyQueue).register();
    await app.get(ReportSchedules).register();
  });
}

function apiDescription() {
  return new DocumentBuilder()
    .setTitle('UCT Ledger')
    .setDescription(
      'Unconditional cash transfers: needs, plans, enrolments, runs, the ledger and donor reports. Amounts are decimal strings in major units. Errors are problem details (RFC 9457) with a stable `code`.',
    )
    .setVersion('1')
    .addBearerAuth()
    .build();
}
