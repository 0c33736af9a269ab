/** A refusal that is part of the interface: a stable code, a sentence for a person, and the field that is wrong (RFC 9457). */
import { sentence, type Sentence } from './sentence.js';

/** A plain sentence, or one that something is filled into. */
export type Wording = string | Sentence;

export interface FieldError {
  field: string;
  code: string;
  detail: Wording;
}

export class Problem extends Error {
  /** In English, filled. */
  readonly detail: string;

  constructor(
    readonly status: number,
    readonly code: string,
    /** For a page, which says it in the language of whoever reads it. */
    readonly wording: Wording,
    readonly field?: string,
    readonly errors: FieldError[] = [],
    /** When the same request may well succeed. */
    readonly retryAfterSeconds?: number,
  ) {
    super(`${code}: ${String(wording)}`);
    this.detail = String(wording);
  }

  /** 400: the request cannot be understood. */
  static malformed(code: string, wording: Wording, field?: string): Problem {
    return new Problem(400, code, wording, field);
  }

  /** 422: understood, and against a rule. */
  static refused(code: string, wording: Wording, field?: string): Problem {
    return new Problem(422, code, wording, field);
  }

  /** 409: against what is already there. */
  static conflict(code: string, wording: Wording, field?: string): Problem {
    return new Problem(409, code, wording, field);
  }

  /** 404: for programs with what is not there; a page says the same of everything. */
  static notFound(what: string, field?: string): Problem {
    return new Problem(404, 'not-found', `There is no such ${what}, or you may not see it.`, field);
  }

  static forbidden(wording: Wording = sentence('Your role does not allow this.')): Problem {
    return new Problem(403, 'forbidden', wording);
  }

  /** What `work` gives, or the Problem that it throws; every other error goes on. */
  static orResult<Result>(work: () => Result): Result | Problem {
    try {
      return work();
    } catch (error) {
      if (error instanceof Problem) return error;
      throw error;
    }
  }
}
