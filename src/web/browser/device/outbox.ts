/** Sends the forms that wait, one by one in their order. Each carries an id of its own, so that what arrived and was not answered is kept once. */
import type { KeptForm, SealedForms } from './sealed-forms.js';

/** Longer than a slow line needs for the longest interview. */
const PATIENCE_MS = 60_000;

export type Outcome =
  | { is: 'taken'; leadsTo: string }
  | { is: 'not-taken' }
  /** It goes on waiting. */
  | { is: 'no-connection' | 'signed-out' | 'other-person' };

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
        if (outcome.is === 'taken') await this.forms.remove(form.id);
        else if (outcome.is === 'not-taken') await this.forms.put(form.id, 'not-taken', form);
        else break;
      }
      return outcomes;
    });
  }

  private async sendOne(form: KeptForm): Promise<Outcome> {
    try {
      const answer = await this.post(form);
      if (answer.status !== 403 || (await codeOf(answer)) !== 'form-expired') return await outcomeOf(answer);
      const fresh = await fetch('/fresh-token', { headers: { accept: 'application/json' }, signal: patience() });
      if (!fresh.ok) return outcomeOf(fresh);
      const { token, owner } = (await fresh.json()) as { token: string; owner: string };
      if (owner !== this.owner) return { is: 'other-person' };
      this.token = token;
      return await outcomeOf(await this.post(form));
    } catch {
      return { is: 'no-connection' };
    }
  }

  private post({ action, fields }: KeptForm): Promise<Response> {
    return fetch(action, {
      method: 'POST',
      headers: { accept: 'application/json', 'x-waiting-form': this.owner },
      body: new URLSearchParams([...fields, ['_csrf', this.token]]),
      redirect: 'manual',
      signal: patience(),
    });
  }
}

const patience = () => AbortSignal.timeout(PATIENCE_MS);

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
  if (code === 'other-person' || answer.status === 403) return { is: 'other-person' };
  // Something before the service answers, or the service has other worries: it will be there again.
  const isForLater = answer.status === 0 || answer.status >= 500 || [408, 425, 429].includes(answer.status);
  return { is: isForLater || code === 'try-again' ? 'no-connection' : 'not-taken' };
}
