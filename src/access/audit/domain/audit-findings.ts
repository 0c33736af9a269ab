/** What a verification of the audit trail found, and the checking of one link after another. */
import { CHAIN_START, chained, leafOf, type EventTexts, type Head } from './audit-chain.js';

export interface AuditFault {
  /** Number of the link, or the event's own number where it has no link. */
  no: number;
  /** The event's id, where it is known. */
  event: string | null;
  /** What is wrong, in a sentence. */
  what: string;
}

export interface AuditFindings {
  holds: boolean;
  /** Where the chain stood: "number:hash". */
  head: string;
  faultCount: number;
  /** The first of them. */
  faults: AuditFault[];
}

/** A row of `access.audit_link` with the event that it names; `event` is null when there is none. */
export interface Link {
  no: number;
  eventId: string;
  leaf: Buffer;
  chain: Buffer;
  event: EventTexts | null;
}

const MOST_FAULTS_TOLD = 50;

/** Takes the links in their order, one at a time, and remembers nothing of them but where it stands. */
export class AuditFold {
  private faultCount = 0;
  private readonly faults: AuditFault[] = [];
  private at: Head = { no: 0, chain: CHAIN_START };
  private readonly kept: Map<number, Set<string>>;

  /** `kept`: heads that were noted elsewhere; the chain has to pass through each. */
  constructor(kept: readonly Head[]) {
    this.kept = new Map();
    for (const { no, chain } of kept) this.kept.set(no, (this.kept.get(no) ?? new Set()).add(chain.toString('hex')));
    this.meetKept();
  }

  fault(no: number, event: string | null, what: string): void {
    this.faultCount += 1;
    if (this.faults.length < MOST_FAULTS_TOLD) this.faults.push({ no, event, what });
  }

  link({ no, eventId, leaf, chain, event }: Link): void {
    const isNext = no === this.at.no + 1;
    if (!isNext) this.missing(this.at.no + 1, no - 1);
    const found = event && leafOf(event);
    if (!event) this.fault(no, eventId, 'the event was removed');
    else if (!found?.equals(leaf)) this.fault(no, eventId, 'the event was changed, or its link was');
    // Each link is held against the one before as it stands, so that one that was changed does not make all later ones look wrong.
    if (isNext && !chained(this.at.chain, leaf).equals(chain))
      this.fault(no, eventId, 'the link does not continue the one before');
    this.at = { no, chain };
    this.meetKept();
  }

  /** What was found, when there are no more links. */
  findings(headText: string): AuditFindings {
    for (const no of [...this.kept.keys()].sort((a, b) => a - b)) {
      const end = `the chain ends at ${this.at.no}: its end was cut off`;
      this.fault(no, null, `a head was kept, and ${no > this.at.no ? end : 'there is no such link'}`);
    }
    const { faultCount, faults } = this;
    return { holds: faultCount === 0, head: headText, faultCount, faults };
  }

  private missing(from: number, to: number): void {
    this.fault(from, null, from === to ? 'the link is missing' : `the links up to ${to} are missing`);
  }

  private meetKept(): void {
    const { no, chain } = this.at;
    for (const hash of this.kept.get(no) ?? [])
      if (hash !== chain.toString('hex'))
        this.fault(no, null, 'the head that was kept is another: the chain was made anew');
    this.kept.delete(no);
  }
}
