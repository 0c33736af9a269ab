/** What a rail that is spoken to can do, and what it answers. A file for a bank, cash and a person in a banking app need none of it. */

/** One payment as the rail is told of it: nothing of who the client is but the account. */
export interface RailInstruction {
  /** Ours; the rail knows the request by it. UUID. */
  id: string;
  /** Ours as well, on the payee's and the operator's statements. */
  reference: string;
  amountMinor: bigint;
  currency: string;
  to: RailAccount;
  /** Neutral: "Support 1/3". */
  text: string;
}

export interface RailAccount {
  /** A telephone number with its country's code, or whatever else the operator calls a wallet. */
  kind: 'phone' | 'wallet';
  value: string;
}

export interface RailReversal {
  /** Ours, of the reversal. UUID. */
  id: string;
  /** What the operator calls the transaction that is to be taken back. */
  of: string;
  amountMinor: bigint;
  currency: string;
}

/** A payment or a reversal that was sent before, and what must come back for it to be that one. */
export type RailQuestion = {
  sentAt: Date;
  askedAt: Date;
  /** What the operator calls our request. */ operatorId: string | null;
} & (
  | { about: 'payment'; sent: Pick<RailInstruction, 'id' | 'reference' | 'amountMinor' | 'currency'> }
  | { about: 'reversal'; sent: RailReversal }
);

/**
 * `never-received` is told only when the operator provably does not know our id and still keeps ids as old as that. Whatever is not understood
 * is `unclear`, and `failed` carries a code that is listed as proof. `returned`: it had arrived, and was taken back.
 */
export type RailAnswer =
  | { kind: 'accepted' }
  | { kind: 'settled' }
  | { kind: 'failed'; code: string }
  | { kind: 'returned' }
  | { kind: 'never-received' }
  | { kind: 'unclear'; why: UnclearReason };

export type UnclearReason =
  /** Nothing came back, or something that is no answer. */
  | 'no-answer'
  /** The operator was asked, and does not know our id. */
  | 'not-known'
  /** The same was sent before, says the operator: that tells nothing of what became of it. */
  | 'duplicate'
  /** A status or a code that is on no list. */
  | 'not-listed'
  /** Another amount, currency, reference or kind of transaction than ours. */
  | 'differs';

export interface RailReply {
  answer: RailAnswer;
  /** What the operator calls our request, and the transaction. */
  operatorId: string | null;
  reference: string | null;
  /** When it happened, as far as the operator says so. */
  happenedAt: Date | null;
  /** All that was said, to be kept as a digest and not otherwise: it may hold a telephone number. */
  said: string;
}

export interface RailPort {
  /** Sends it once and never again. Always answers: that nothing came back is an answer too. */
  send(instruction: RailInstruction): Promise<RailReply>;
  /** What became of what was sent. Null when the operator could not be asked: nothing was learned. */
  ask(question: RailQuestion): Promise<RailReply | null>;
  /** Asks for money back, once. Its answer is about the reversal and not about the payment. */
  reverse(reversal: RailReversal): Promise<RailReply>;
  /** Whether it is worth sending anything now. */
  isAtWork(): Promise<boolean>;
  /** What would be sent, for its digest. */
  written(instruction: RailInstruction): string;
}
