/** What a step of a check is given, and what it answers when it does not fail. Runs in a browser too. */
import type { ReadBundle } from './bundle-reading.js';
import type { LeafCheck } from './leaf-check.js';
import type { Primitives } from './primitives.js';

/** How far the entries have been checked. */
export interface Progress {
  done: number;
  total: number;
}

export interface CheckOptions {
  /** The log's key as the reader was given it, on another way than this file. */
  logKey?: string;
  /** Keys of the witnesses, likewise. None: those in the file are taken. */
  witnessKeys?: readonly string[];
  /** How many different witnesses have to have signed; 2 when nothing is said. */
  quorum?: number;
  /** A checkpoint that the reader kept from before, or the whole bundle that it was in. */
  earlier?: string;
  /** Waited for, so that a page can be drawn meanwhile. */
  onProgress?: (progress: Progress) => void | Promise<void>;
}

/** What a step found, when it does not fail. */
export interface Outcome {
  holds: true | 'not asked';
  says: string;
  detail?: string;
}

export interface Check {
  primitives: Primitives;
  read: ReadBundle;
  /** Against the state of the log that the bundle stands on. */
  leaves: LeafCheck;
  options: CheckOptions;
}
