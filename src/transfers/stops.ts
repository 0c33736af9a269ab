/** Stopping a payment that is on its way: whoever pays sees it and does not pay. What has left already is not called back by it. */
import type { EntityManager } from 'typeorm';
import type { HoldReason } from './transfers.service.js';

export interface Stop {
  stop_id: string;
  reason: HoldReason;
}

/** $1 transfer. */
const LATEST_ATTEMPT = 'select id from payments.attempt where obligation_id = $1 order by attempt_no desc limit 1';

/** The stop on the transfer's latest attempt, if there is one. */
export async function stopOf(manager: EntityManager, transferId: string): Promise<Stop | undefined> {
  const [stop] = await manager.query<Stop[]>(
    `select s.stop_id, s.reason from (${LATEST_ATTEMPT}) latest join payments.stopped_attempt s on s.attempt_id = latest.id`,
    [transferId],
  );
  return stop;
}

/** Whether the latest attempt is, whatever became of those before it. */
export async function isOnItsWay(manager: EntityManager, transferId: string): Promise<boolean> {
  const rows = await manager.query<unknown[]>(
    `select 1 from (${LATEST_ATTEMPT}) latest join payments.attempt a on a.id = latest.id where a.state in ('instructed', 'accepted', 'unknown')`,
    [transferId],
  );
  return rows.length > 0;
}

/** Asks for a stop of the latest attempt; doing it twice changes nothing. */
export async function requestStop(
  manager: EntityManager,
  transferId: string,
  stop: { id: string; reason: HoldReason; askedBy: string; askedAt: Date },
): Promise<void> {
  await manager.query(
    `insert into payments.stop_request (id, attempt_id, reason, asked_by, asked_at)
     select $2, latest.id, $3, $4, $5
     from (${LATEST_ATTEMPT}) latest
     where not exists (select from payments.stopped_attempt s where s.attempt_id = latest.id)`,
    [transferId, stop.id, stop.reason, stop.askedBy, stop.askedAt],
  );
}

export async function liftStop(
  manager: EntityManager,
  stopId: string,
  liftedBy: string,
  liftedAt: Date,
): Promise<void> {
  await manager.query('insert into payments.stop_lifted (stop_id, lifted_by, lifted_at) values ($1, $2, $3)', [
    stopId,
    liftedBy,
    liftedAt,
  ]);
}
