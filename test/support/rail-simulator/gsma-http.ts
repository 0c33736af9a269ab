/**
 * The simulated rail as an operator that speaks the GSMA Mobile Money API 1.2 over HTTP, on this machine. How a payment or a reversal goes is
 * planned by its id with `operator.plan(id, plan)`, or else by `operator.otherwise`. Callbacks are delivered when the test says so.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { MobileMoneySettings } from '../../../src/kernel/settings.js';
import { currencies } from '../../../src/kernel/reference-data.js';
import type { Plan, RailSimulator, SimAnswer, SimCallback, SimTransaction } from './core.js';

export const CALLBACK_TOKEN = 'callback-token-of-this-test-0123456789';

/** A request as it came, for what a test holds against the specification. */
export interface Heard {
  method: string;
  path: string;
  headers: IncomingMessage['headers'];
  body: Record<string, unknown> | undefined;
}

export interface SimulatedOperator {
  settings: MobileMoneySettings;
  simulator: RailSimulator;
  heard: Heard[];
  /** How the one with that id goes. */
  plan(id: string, plan: Plan): void;
  otherwise: Plan;
  /** What it says of itself, and whether it answers anything that is asked. */
  service: 'available' | 'unavailable';
  answersQuestions: boolean;
  /** Called when a payment has been received and before it is answered: to crash, or to deliver callbacks early. */
  beforeAnswer: (() => Promise<void>) | undefined;
  /** Delivers what is due, to the address that the payment gave; the status of each answer. */
  deliver(
    rewrite?: (callback: { headers: Record<string, string>; body: Record<string, unknown> }) => void,
  ): Promise<number[]>;
  /** The address that a callback goes to; the service's own, whatever it called itself. */
  callbackUrl(url: string): void;
  close(): Promise<void>;
}

export async function startOperator(
  simulator: RailSimulator,
  settings: Partial<MobileMoneySettings> = {},
): Promise<SimulatedOperator> {
  const plans = new Map<string, Plan>();
  const heard: Heard[] = [];
  let base = '';
  const hanging = new Set<ServerResponse>();
  const server = createServer((request, response) => {
    void answer(request, response).catch(() => response.destroy());
  });

  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const text = await textOf(request);
    const path = (request.url ?? '').replace(/^\/mm/, '');
    const body = text ? (JSON.parse(text) as Record<string, unknown>) : undefined;
    heard.push({ method: request.method ?? '', path, headers: request.headers, body });
    const say = (status: number, said: object) => send(response, status, said);
    if (request.headers['x-api-key'] !== operator.settings.apiKey)
      return say(401, error('authorisation', 'clientAuthorisationError'));
    if (path === '/heartbeat') return say(200, { serviceStatus: operator.service });
    if (request.method === 'POST') {
      const id = String(request.headers['x-correlationid']);
      const plan = plans.get(id) ?? operator.otherwise;
      const reversal = /^\/transactions\/([^/]+)\/reversals$/.exec(path)?.[1];
      const answered = reversal
        ? simulator.reverse({ id, of: decodeURIComponent(reversal) }, plan)
        : simulator.receive(instructionIn(id, body ?? {}), plan);
      await operator.beforeAnswer?.();
      if (answered.kind !== 'silence') return sayAnswer(say, answered);
      hanging.add(response);
      return;
    }
    if (!operator.answersQuestions) return say(503, error('serviceUnavailable', 'genericError'));
    return answerQuestion(simulator, path, say);
  };

  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const operator: SimulatedOperator = {
    simulator,
    heard,
    plan: (id, plan) => void plans.set(id, plan),
    otherwise: { mode: 'accept-now' },
    service: 'available',
    answersQuestions: true,
    beforeAnswer: undefined,
    callbackUrl: (url) => void (base = url),
    settings: {
      url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mm`,
      apiKey: 'key-of-the-simulated-operator',
      payer: { key: 'walletid', value: '5000' },
      callbackBase: 'https://ledger.example.org',
      callbackToken: CALLBACK_TOKEN,
      perMinute: 1_000,
      mostAsks: 12,
      timeoutMs: 400,
      ...settings,
    },
    deliver: async (rewrite) => {
      const statuses: number[] = [];
      for (const callback of simulator.due()) {
        const written = { headers: { 'x-correlationid': callback.id }, body: callbackBody(callback) };
        rewrite?.(written);
        const delivered = await fetch(`${base}/api/v1/rails/mobile-money/callbacks/${CALLBACK_TOKEN}`, {
          method: 'PUT',
          headers: { 'content-type': 'application/json', ...written.headers },
          body: JSON.stringify(written.body),
        });
        statuses.push(delivered.status);
      }
      return statuses;
    },
    close: () => closed(server, hanging),
  };
  return operator;
}

type Say = (status: number, said: object) => void;

function instructionIn(id: string, body: Record<string, unknown>) {
  const [party] = body.creditParty as { key: string; value: string }[];
  const currency = String(body.currency);
  const { amountMinor } = currencies.parse(String(body.amount), currency);
  return {
    id,
    reference: String(body.requestingOrganisationTransactionReference),
    amountMinor,
    currency,
    payee: party?.value ?? '',
  };
}

function sayAnswer(say: Say, answered: Exclude<SimAnswer, { kind: 'silence' }>): void {
  switch (answered.kind) {
    case 'settled':
      return say(201, transactionBody(answered.transaction));
    case 'accepted':
      return say(202, stateBody(answered.operatorId, { status: 'pending' }));
    case 'refused':
      return say(400, error(answered.category, answered.code));
    case 'duplicate':
      return say(409, error('businessRule', 'duplicateRequest'));
    case 'server-error':
      return say(500, error('internal', 'genericError'));
  }
}

function answerQuestion(simulator: RailSimulator, path: string, say: Say): void {
  const [, kind, named = ''] = /^\/(responses|requeststates|transactions)\/([^/]+)$/.exec(path) ?? [];
  const notThere = () => say(404, error('identification', 'identifierError'));
  if (kind === 'responses') {
    const known = simulator.ask(named);
    return known.kind === 'transaction'
      ? say(200, { link: `/transactions/${known.transaction.reference}` })
      : notThere();
  }
  if (kind === 'transactions') {
    const transaction = simulator.transaction(decodeURIComponent(named));
    return transaction ? say(200, transactionBody(transaction)) : notThere();
  }
  const held = kind === 'requeststates' ? simulator.byOperatorId(named) : undefined;
  if (!held) return notThere();
  if (held.refused)
    return say(200, stateBody(named, { status: 'failed', error: error(held.refused.category, held.refused.code) }));
  const { transaction } = held;
  if (!transaction || transaction.status === 'pending') return say(200, stateBody(named, { status: 'pending' }));
  return say(200, stateBody(named, { status: 'completed', objectReference: transaction.reference }));
}

function callbackBody(callback: SimCallback): Record<string, unknown> {
  return callback.kind === 'refused' ? error(callback.category, callback.code) : transactionBody(callback.transaction);
}

export function transactionBody(transaction: SimTransaction): Record<string, unknown> {
  const { reference, kind, original, status, amountMinor, currency, senderReference, payee } = transaction;
  return {
    transactionReference: reference,
    ...(original && { originalTransactionReference: original }),
    requestingOrganisationTransactionReference: senderReference,
    type: kind === 'payment' ? 'disbursement' : 'reversal',
    transactionStatus: status,
    amount: withoutTrailingZeros(currencies.format(amountMinor, currency)),
    currency,
    creditParty: [{ key: 'msisdn', value: payee }],
    debitParty: [{ key: 'walletid', value: '5000' }],
  };
}

const withoutTrailingZeros = (text: string) => text.replace(/(\.\d*?)0+$/, '$1').replace(/\.$/, '');

const error = (errorCategory: string, errorCode: string) => ({ errorCategory, errorCode });

const stateBody = (serverCorrelationId: string, state: object) => ({
  serverCorrelationId,
  notificationMethod: 'callback',
  ...state,
});

function send(response: ServerResponse, status: number, said: object): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(said));
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

function closed(server: Server, hanging: Set<ServerResponse>): Promise<void> {
  for (const response of hanging) response.destroy();
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}
