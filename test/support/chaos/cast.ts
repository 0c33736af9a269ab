/** Who acts in a schedule: the service's people and jobs, those on whose word rails depend, and a bank and cashiers where they do it by the real path. */
import type { Acts } from './acts.js';
import type { Bank } from './bank.js';
import type { Cashiers } from './cashiers.js';
import type { Midway } from './midway.js';
import type { Payers } from './payers.js';

export interface Cast {
  acts: Acts;
  payers: Payers;
  midway: Midway;
  bank: Bank | undefined;
  cashiers: Cashiers | undefined;
}
