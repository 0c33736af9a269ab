/** What has to have happened in many schedules: what is not drawn proves nothing. */
import { MODES } from '../rail-simulator/core.js';
import type { Tally } from './scene.js';

/** A few schedules draw little. */
const MANY = 500;

const KINDS = [
  'died in: prepare',
  'died in: approve',
  'died in: release',
  'died in: send',
  'died in: ask',
  'died before the operator received',
  'died after the operator received',
  'twice at once',
  'six approve at once',
  'callback late',
  'callback twice',
  'callback before the answer',
  'a week of downtime',
  'reissued',
  'stopped and not paid',
  'consent withdrawn',
  'consent given again',
  'stranger on a statement',
  'died with its connections',
  'file handed over',
  'only what was rejected is reported',
  'taken in: pain.002',
  'taken in: camt.053',
  'taken in: camt.054',
  'bank report twice',
  'booked as one batch',
  'stranger on a bank statement',
  'voucher handed over',
  'voucher brought back',
  'voucher given back',
  'voucher never handed out',
  'file abandoned',
  'taken and abandoned at once',
  'rail changed',
  'wage risen',
  'topped up',
  ...MODES.map((mode) => `rail: ${mode}`),
];

/** What was never drawn, of as many schedules as were played; nothing where they were few. */
export function neverDrawn(played: number, tally: Tally): string[] {
  return played < MANY ? [] : KINDS.filter((kind) => !tally.has(kind)).map((kind) => `never drawn: ${kind}`);
}
