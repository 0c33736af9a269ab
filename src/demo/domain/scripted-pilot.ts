/** The shape of the rebuilt pilot: invented clients, what each is owed and chooses, and what goes wrong on the way. */

export type CountryCode = 'TH' | 'MM' | 'LA';
export type Language = 'my' | 'th' | 'lo' | 'km';
export type Cohort = 'benjina' | 'kantang' | 'mahachai' | 'other';
export type CaseGroup = Exclude<Cohort, 'other'> | `other-${1 | 2 | 3 | 4 | 5}`;
/** `manual` is a bank transfer that a person makes in a banking app. */
export type Rail = 'cash' | 'manual';
export type Fund = 'fund-a' | 'fund-b' | 'fund-c';
export type Rank = 1 | 2 | 3 | 4;
export type Instalment = 1 | 2 | 3;

export interface ScriptedName {
  script: 'Mymr' | 'Thai' | 'Laoo' | 'Khmr';
  text: string;
  romanised: string;
}

export interface ScriptedPlanItem {
  need: string;
  description: string;
  /** Baht, written as '1200.00'. */
  amount: string;
}

export interface ScriptedTracking {
  /** Index into the client's plan. */
  item: number;
  /** Baht, written as '1200.00'; '0.00' when the client chose something else. */
  spent: string;
  cameOf: string;
}

export interface ScriptedClient {
  key: string;
  cohort: Cohort;
  caseGroup: CaseGroup;
  country: CountryCode;
  /** Known for some of those who live in Thailand. */
  region: string | null;
  language: Language;
  names: ScriptedName[];
  dateOfBirth: string;
  phone: string | null;
  rail: Rail;
  payee: { bank: string; account: string } | null;
  intakeOn: string;
  /** The day of the first transfer, from which the other two are counted. */
  anchorOn: string;
  fund: Fund;
  ranks: Record<string, Rank>;
  /** For each highest priority, what it means to the client in the client's own words. */
  interpretations: Record<string, string>;
  plan: ScriptedPlanItem[];
  tracking: ScriptedTracking[];
}

interface OnOneTransfer {
  client: string;
  instalment: Instalment;
}

/**
 * What happens to one transfer. `resolvedAfterDays` counts from the day it is due, `afterDays` from its settlement, and a
 * hold begins on the day before it is due. All but `unknown-paid` and `held` lead to one reissue, which settles.
 */
export type Incident =
  | (OnOneTransfer & { kind: 'fails'; code: string })
  | (OnOneTransfer & { kind: 'returns'; afterDays: number })
  | (OnOneTransfer & { kind: 'unknown-paid'; resolvedAfterDays: number })
  | (OnOneTransfer & { kind: 'unknown-not-paid'; resolvedAfterDays: number })
  | (OnOneTransfer & { kind: 'reversed'; afterDays: number })
  | (OnOneTransfer & { kind: 'held'; reason: 'client-wish' | 'safety'; days: number });

export interface PilotScript {
  clients: ScriptedClient[];
  incidents: Incident[];
  firstDay: string;
  lastDay: string;
}

/** The published result: for each cohort, how many clients gave a need, or any need of a category, the highest rank. */
export interface PilotTable {
  cohorts: Record<Cohort | 'all', number>;
  rows: { kind: 'any' | 'need'; code: string; count: Record<Cohort | 'all', number> }[];
}

export interface NeedsCatalogue {
  categories: { code: string; label: string; needs: { code: string; label: string }[] }[];
}
