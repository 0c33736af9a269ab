/** What a verification of the whole ledger found, check by check. */

export interface Fault {
  /** What is wrong, in a sentence. */
  what: string;
  /** Which row: "entry <id>", "leaf 812", "account fund of …". */
  row: string;
  /** Since when it can have been so: the checkpoint after which it was changed; null where the log cannot tell. */
  since: string | null;
}

export interface Finding {
  check: string;
  /** What was looked at, in a sentence. */
  says: string;
  holds: boolean;
  faultCount: number;
  /** The first of them. */
  faults: Fault[];
}

export interface Findings {
  holds: boolean;
  entries: number;
  /** Leaves in the log, dummies included. */
  leaves: number;
  findings: Finding[];
}

const MOST_FAULTS_TOLD = 20;

/** Collects the faults of one check without keeping all of them. */
export class Check {
  private count = 0;
  private readonly first: Fault[] = [];

  constructor(private readonly name: string) {}

  fault(what: string, row: string, since: string | null = null): void {
    this.count += 1;
    if (this.first.length < MOST_FAULTS_TOLD) this.first.push({ what, row, since });
  }

  get holds(): boolean {
    return this.count === 0;
  }

  finding(says: string): Finding {
    return { check: this.name, says, holds: this.holds, faultCount: this.count, faults: this.first };
  }
}
