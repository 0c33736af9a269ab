/** A refusal that is part of the interface: a stable code, a sentence for a person, and the field that is wrong (RFC 9457). */
export interface FieldError {
  field: string;
  code: string;
  detail: string;
}

export class Problem extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    readonly detail: string,
    readonly field?: string,
    readonly errors: FieldError[] = [],
    /** When the same request may well succeed. */
    readonly retryAfterSeconds?: number,
  ) {
    super(`${code}: ${detail}`);
  }

  /** 400: the request cannot be understood. */
  static malformed(code: string, detail: string, field?: string): Problem {
    return new Problem(400, code, detail, field);
  }

  /** 422: understood, and against a rule. */
  static refused(code: string, detail: string, field?: string): Problem {
    return new Problem(422, code, detail, field);
  }

  /** 409: against what is already there. */
  static conflict(code: string, detail: string, field?: string): Problem {
    return new Problem(409, code, detail, field);
  }

  static notFound(what: string, field?: string): Problem {
    return new Problem(404, 'not-found', `There is no such ${what}, or you may not see it.`, field);
  }

  static forbidden(detail = 'Your role does not allow this.'): Problem {
    return new Problem(403, 'forbidden', detail);
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
