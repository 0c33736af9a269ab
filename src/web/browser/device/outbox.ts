/** Sends the forms that wait, one by one in their order. Each carries an id of its own, so that what arrived and was not answered is kept once. */
import type { KeptForm, SealedForms } from './sealed-forms.js';

/** Longer than a slow line needs for the longest interview. */
const PATIENCE_MS = 60_000;

export type Outcome =
  | { is: 'taken'; leadsTo: string }
  | { is: 'not-taken' }
  /** It goes on waiting; after `later` others may be sent. */
  | { is: 'no-connection' | 'later' | 'signed-out' | 'other-person' };

export class Outbox {
  /** `token` is the page's own, until it has aged. */
  constructor(
    private readonly forms: SealedForms,
    private readonly owner: string,
    private token: string,
  ) {}

  /**
   * Sends all that wait, and that one first of all when it is the only one: what came of each. Stops at the first that has to go on waiting.
   * Two pages that are open do not send at once.
   */
  send(onSending: (left: number) => void = () => undefined): Promise<Map<string, Outcome>> {
    return navigator.locks.request('uct-outbox', async () => {
      const outcomes = new Map<string, Outcome>();
      const waiting = await this.forms.all('waiting');
      for (const [place, form] of waiting.entries()) {
        onSending(waiting.length - place);
        const outcome = await this.sendOne(form);
        outcomes.set(form.id, outcome);
        // What took its place meanwhile is another, and goes on waiting.
        if (outcome.is === 'taken') await this.forms.settle(form, null);
        else if (outcome.is === 'not-taken') await this.forms.settle(form, 'not-taken');
        else if (outcome.is !== 'later') break;
      }
      return outcomes;
    });
  }

  private async sendOne(form: KeptForm): Promise<Outcome> {
    try {
      const answer = await this.post(form);
      if (answer.status !== 403) return await outcomeOf(answer);
      const isExpired = (await codeOf(answer)) === 'form-expired';
      const fresh = await asked('/fresh-token', { headers: { accept: 'application/json' } });
      if (fresh.status === 401) return { is: 'signed-out' };
      if (!fresh.ok) return { is: 'other-person' };
      const { token, owner } = (await fresh.json()) as { token: string; owner: string };
      if (owner !== this.owner) return { is: 'other-person' };
      if (!isExpired) return { is: 'not-taken' };
      this.token = token;
      return await outcomeOf(await this.post(form));
    } catch {
      return { is: 'no-connection' };
    }
  }

  private post({ action, fields }: KeptForm): Promise<Response> {
    return asked(action, {
      method: 'POST',
      headers: { accept: 'application/json', 'x-waiting-form': this.owner },
      body: new URLSearchParams([...fields, ['_csrf', this.token]]),
      redirect: 'manual',
    });
  }
}

/** Given up by hand: phones of the last years know no other way. */
async function asked(address: string, options: RequestInit): Promise<Response> {
  const giving = new AbortController();
  const timer = setTimeout(() => giving.abort(), PATIENCE_MS);
  try {
    return await fetch(address, { ...options, signal: giving.signal });
  } finally {
    clearTimeout(timer);
  }
}

async function codeOf(answer: Response): Promise<string | undefined> {
  if (!answer.headers.get('content-type')?.includes('json')) return undefined;
  return ((await answer.clone().json()) as { code?: string }).code;
}

async function outcomeOf(answer: Response): Promise<Outcome> {
  if (answer.ok) {
    const { location } = (await answer.json()) as { location: string };
    return { is: 'taken', leadsTo: location };
  }
  if (answer.status === 401) return { is: 'signed-out' };
  const code = await codeOf(answer);
  if (code === 'other-person') return { is: 'other-person' };
  // Something before the service answers, or the service has other worries: it will be there again.
  const isForLater = answer.status === 0 || answer.status >= 500 || [403, 408, 425, 429].includes(answer.status);
  return { is: isForLater || code === 'try-again' ? 'later' : 'not-taken' };
}
