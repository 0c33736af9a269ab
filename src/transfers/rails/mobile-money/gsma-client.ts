/**
 * Speaks the GSMA Mobile Money API 1.2 with one operator. Reading is tried again when nothing comes back; sending never is. Redirects are not
 * followed, answers have an end in length and in time, and nothing of what is said here is logged.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { currencies } from '../../../kernel/reference-data.js';
import type { MobileMoneySettings } from '../../../kernel/settings.js';
import type { RailInstruction, RailPort, RailQuestion, RailReply, RailReversal } from '../rail-port.js';
import { gsmaAmount } from './domain/gsma-amount.js';
import {
  isUnknownId,
  linkedTransaction,
  readError,
  readRequestState,
  readReversal,
  readTransaction,
  unclear,
  type Reading,
} from './domain/gsma-messages.js';

const LONGEST_ANSWER_BYTES = 64 * 1024;
const READ_TIMEOUT_MS = 10_000;
const READ_TRIES = 3;
const BETWEEN_TRIES_MS = 250;
/** What was sent may still be on its way for so long, and not be known for that reason. */
const ON_ITS_WAY_MS = 15 * 60_000;
const HOUR_MS = 3_600_000;

interface Answer {
  status: number;
  text: string;
  body: unknown;
}

export class GsmaClient implements RailPort {
  constructor(private readonly settings: MobileMoneySettings) {}

  written(instruction: RailInstruction): string {
    return JSON.stringify({
      amount: gsmaAmount(currencies, instruction.amountMinor, instruction.currency),
      currency: instruction.currency,
      creditParty: [{ key: instruction.to.kind === 'phone' ? 'msisdn' : 'walletid', value: instruction.to.value }],
      debitParty: [{ key: this.settings.payer.key, value: this.settings.payer.value }],
      descriptionText: instruction.text,
      requestingOrganisationTransactionReference: instruction.reference,
    });
  }

  async send(instruction: RailInstruction): Promise<RailReply> {
    const answer = await this.post('/transactions/type/disbursement', instruction.id, this.written(instruction));
    return replied(
      answer,
      readFirst(answer, (body) => readTransaction(body, instruction)),
    );
  }

  async reverse(reversal: RailReversal): Promise<RailReply> {
    const written = JSON.stringify({
      type: 'reversal',
      amount: gsmaAmount(currencies, reversal.amountMinor, reversal.currency),
      currency: reversal.currency,
      requestingOrganisationTransactionReference: reversal.id.replaceAll('-', ''),
    });
    const answer = await this.post(`/transactions/${encodeURIComponent(reversal.of)}/reversals`, reversal.id, written);
    return replied(
      answer,
      readFirst(answer, (body) => readReversal(body, reversal)),
    );
  }

  async ask(question: RailQuestion): Promise<RailReply | null> {
    const response = await this.get(`/responses/${question.sent.id}`);
    if (!response) return null;
    if (response.status === 200) return this.transactionOf(question, linkedTransaction(response.body), response);
    // Any other refusal is of the question and tells nothing of the payment.
    return isUnknownId(response.status, response.body) ? this.stateOf(question, response) : null;
  }

  /** Whether it is worth sending anything now. */
  async isAtWork(): Promise<boolean> {
    const heartbeat = await this.get('/heartbeat');
    if (!heartbeat || heartbeat.status === 401 || heartbeat.status === 403) return false;
    const { serviceStatus } = (heartbeat.body ?? {}) as { serviceStatus?: unknown };
    return serviceStatus !== 'unavailable';
  }

  /** There is no transaction by our id; where the operator told us its own, that of the request may tell more. */
  private async stateOf(question: RailQuestion, response: Answer): Promise<RailReply | null> {
    if (!question.operatorId) return replied(response, this.notKnown(question));
    const state = await this.get(`/requeststates/${question.operatorId}`);
    if (!state) return null;
    if (isUnknownId(state.status, state.body)) return replied(state, unclear('not-known'));
    if (state.status !== 200) return null;
    const reading = readRequestState(state.body);
    return reading.answer.kind === 'accepted' && reading.reference
      ? this.transactionOf(question, reading.reference, state)
      : replied(state, reading);
  }

  private async transactionOf(
    question: RailQuestion,
    reference: string | null,
    named: Answer,
  ): Promise<RailReply | null> {
    if (!reference) return replied(named, unclear('not-listed'));
    const found = await this.get(`/transactions/${encodeURIComponent(reference)}`);
    if (found?.status !== 200) return null;
    const reading =
      question.about === 'payment'
        ? readTransaction(found.body, question.sent)
        : readReversal(found.body, question.sent);
    return replied(found, reading);
  }

  private notKnown({ askedAt, sentAt }: RailQuestion): Reading {
    const { keepsIdsHours } = this.settings;
    const ageMs = askedAt.getTime() - sentAt.getTime();
    const isProven = keepsIdsHours !== undefined && ageMs >= ON_ITS_WAY_MS && ageMs < keepsIdsHours * HOUR_MS;
    return isProven ? { ...unclear('not-known'), answer: { kind: 'never-received' } } : unclear('not-known');
  }

  /** Null when nothing usable came back; that it took too long says nothing of what happened. */
  private post(path: string, id: string, body: string): Promise<Answer | null> {
    const callback = `${this.settings.callbackBase}/api/v1/rails/mobile-money/callbacks/${this.settings.callbackToken}`;
    const headers = { 'content-type': 'application/json', 'x-correlationid': id, 'x-callback-url': callback };
    return this.once('POST', path, this.settings.timeoutMs, headers, body);
  }

  private async get(path: string): Promise<Answer | null> {
    for (let tried = 1; ; tried += 1) {
      const answer = await this.once('GET', path, READ_TIMEOUT_MS);
      if (answer && answer.status < 500 && answer.status !== 429) return answer;
      if (tried === READ_TRIES) return null;
      await sleep(BETWEEN_TRIES_MS * tried);
    }
  }

  private async once(
    method: 'GET' | 'POST',
    path: string,
    timeoutMs: number,
    headers: Record<string, string> = {},
    body?: string,
  ): Promise<Answer | null> {
    const aborting = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    // The timer ends the waiting whatever becomes of the connection: a signal alone can be lost when its answer is collected as garbage.
    const late = new Promise<null>((resolve) => {
      timer = setTimeout(() => {
        resolve(null);
        aborting.abort();
      }, timeoutMs);
    });
    try {
      return await Promise.race([late, this.exchange(method, path, headers, body, aborting.signal)]);
    } finally {
      clearTimeout(timer);
    }
  }

  private async exchange(
    method: string,
    path: string,
    headers: Record<string, string>,
    body: string | undefined,
    signal: AbortSignal,
  ): Promise<Answer | null> {
    try {
      const response = await fetch(`${this.settings.url}${path}`, {
        method,
        headers: { accept: 'application/json', ...this.credentials(), ...headers },
        body,
        redirect: 'error', // the key goes to the address that was given, and nowhere else
        signal,
      });
      const text = await textOf(response);
      return text === null ? null : { status: response.status, text, body: parsed(text) };
    } catch {
      return null;
    }
  }

  private credentials(): Record<string, string> {
    const { apiKey, basic } = this.settings;
    const pair = basic && Buffer.from(`${basic.user}:${basic.password}`).toString('base64');
    return { ...(apiKey && { 'x-api-key': apiKey }), ...(pair && { authorization: `Basic ${pair}` }) };
  }
}

/** The answer to what was sent. An error that comes with a fault of the server's own proves nothing: it may have paid before. */
function readFirst(answer: Answer | null, readMade: (body: unknown) => Reading): Reading {
  if (!answer) return unclear('no-answer');
  if (answer.status === 201 || answer.status === 200) return readMade(answer.body);
  if (answer.status === 202) return readRequestState(answer.body);
  if (answer.status === 409) return unclear('duplicate');
  return [400, 401, 404].includes(answer.status) ? readError(answer.body) : unclear('no-answer');
}

function replied(answer: Answer | null, reading: Reading): RailReply {
  return { ...reading, said: answer ? `${answer.status}\n${answer.text}` : '' };
}

/** Null when it is longer than any answer. */
async function textOf(response: Response): Promise<string | null> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += chunk.length;
    if (bytes > LONGEST_ANSWER_BYTES) return null; // leaving the loop closes the connection
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}
