/** A donor report: one fund, one quarter, frozen. */
import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Withheld } from './domain/disclosure.js';

/** Money amounts are decimal strings in major units of `currency`. */
export interface FundStatement {
  currency: string;
  receivedInPeriod: string;
  paidInPeriod: string;
  returnedInPeriod: string;
  receivedToDate: string;
  paidToDate: string;
  /** At the period's end. atBank + inTransit + paidToDate = receivedToDate, with exchange: = toAccountFor. */
  atBank: string;
  inTransit: string;
  available: string;
  /** What banks gave for money of other currencies, and what was given for other currencies; absent while there was none. */
  exchangedInInPeriod?: string;
  exchangedIn?: string;
  exchangedOutInPeriod?: string;
  exchangedOut?: string;
  /** receivedToDate + exchangedIn - exchangedOut; absent while there was no exchange. */
  toAccountFor?: string;
}

export type PeopleBlock =
  | { withheld: Withheld }
  | {
      /** The quarter whose end the numbers describe; an earlier one when too few people came since. */
      asAt: string;
      /** People who received at least one transfer from this fund, to the nearest 5. */
      clientsReached: number;
      /** Of those: how many ranked at least one need of the category as highest priority, to the nearest 5; null where withheld. */
      highestPriorities:
        { category: string; label: string; clients: number | null }[] | { withheld: 'fewer-than-33-clients' };
    };

export interface DonorReportContent {
  fund: { code: string; name: string; donor: string };
  period: { name: string; from: string; through: string };
  /** In the fund's own currency. */
  statement: FundStatement;
  /** What was at the bank in others at the period's end; absent when there was nothing. */
  otherCurrencies?: { currency: string; atBank: string }[];
  people: PeopleBlock;
}

@Entity({ schema: 'reports', name: 'donor_report' })
export class DonorReportEntity {
  @PrimaryColumn('uuid')
  id: string;

  @Column('uuid', { name: 'fund_id' })
  fundId: string;

  @Column('text')
  period: string;

  @Column('timestamptz', { name: 'made_at' })
  madeAt: Date;

  @Column('uuid', { name: 'made_by' })
  madeBy: string;

  @Column('jsonb')
  content: DonorReportContent;

  @Column('text')
  digest: string;
}
