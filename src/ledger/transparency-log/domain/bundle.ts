/** The file with which somebody outside checks a fund's period: what it holds. Nothing in it about a payment is without a salt. */

/** A text that a leaf commits to, with the salt (hex) that opens the commitment. */
export interface Opening {
  text: string;
  salt: string;
}

export interface LeafProof {
  /** Place in the log, from 0. */
  index: number;
  /** Hex, in the order of `READERS`. */
  commitments: [string, string, string];
  /** Inclusion proof against the bundle's checkpoint, base64, from the leaf upwards. */
  proof: string[];
}

export interface SealProof extends LeafProof {
  /** Text: canonical JSON of a `DonorSeal`. */
  donor: Opening;
  /** Text: canonical JSON of an `AuditorSeal`; in bundles for auditors. */
  auditor?: Opening;
}

export interface EntryProof extends LeafProof {
  donor: Opening;
  auditor: Opening;
}

export interface Bundle {
  format: 'uct-ledger/bundle/1';
  /** Labels for a reader; the seal commits to the id. */
  fund: { id: string; code: string; name: string; donor: string };
  period: { name: string; from: string; through: string };
  /** Keys as the operator states them; a careful reader compares them with what they were given before. */
  log: { vkey: string; witnesses: string[] };
  /** Signed note (C2SP tlog-checkpoint) with cosignatures. */
  checkpoint: string;
  seal: SealProof;
  /** The report before this one: the log continues its checkpoint, and its seal is where this period's sums begin. */
  previous: {
    period: string;
    checkpoint: string;
    /** Consistency proof, base64. */ proof: string[];
    seal: SealProof;
  } | null;
  /** Every entry of the period; in bundles for auditors. */
  entries?: EntryProof[];
}

export const LARGEST_BUNDLE_BYTES = 512 * 1024 * 1024;
