/** How often one session, or one address from which nobody is signed in, may ask. Counted in the memory of this process: two processes allow twice as much. */
import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { Request } from 'express';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { Problem } from '../kernel/domain/problem.js';
import { sentence } from '../kernel/domain/sentence.js';
import { networkOf } from '../kernel/http/caller-network.js';
import { Settings } from '../kernel/settings.js';

const MINUTE_SECONDS = 60;
/** Whoever is not signed in needs a page and a form; a whole office may share one address. */
const SHARE_OF_STRANGERS = 4;

@Injectable()
export class RateLimits {
  private readonly sessions: RateLimiterMemory;
  private readonly strangers: RateLimiterMemory;

  constructor({ requestsPerMinute }: Settings) {
    this.sessions = new RateLimiterMemory({ points: requestsPerMinute, duration: MINUTE_SECONDS });
    this.strangers = new RateLimiterMemory({
      points: Math.ceil(requestsPerMinute / SHARE_OF_STRANGERS),
      duration: MINUTE_SECONDS,
    });
  }

  /**
   * Counts a request, of whoever is signed in with that token or else of a stranger, after it is known which: a token that opens nothing makes nobody a session, and those who are signed in are
   * not locked out by a stranger at their address. Throws `too-many-requests` (429).
   */
  async count(request: Request, token: string | undefined): Promise<void> {
    const counted =
      token !== undefined
        ? this.sessions.consume(createHash('sha256').update(token).digest('base64')) // never the token itself
        : this.strangers.consume(networkOf(request.ip ?? ''));
    await counted.catch((refused: unknown) => {
      if (!(refused instanceof RateLimiterRes)) throw refused;
      const seconds = Math.max(1, Math.ceil(refused.msBeforeNext / 1000));
      throw new Problem(
        429,
        'too-many-requests',
        sentence('Too many requests within a minute. Try again in {seconds} seconds.', { seconds }),
        undefined,
        [],
        seconds,
      );
    });
  }
}
