/** The simulated rail as an operator of mobile money in this very process: what is fetched from its address is answered from the simulator, without a network. */
import { currencies } from '../../../src/kernel/reference-data.js';
import type { MobileMoneySettings } from '../../../src/kernel/settings.js';
import type { Plan, RailSimulator, SimAnswer, SimCallback } from '../rail-simulator/core.js';
import { transactionBody } from '../rail-simulator/gsma-http.js';

export const CALLBACK_TOKEN = 'callback-token-of-this-test-0123456789';

const SETTINGS: Omit<MobileMoneySettings, 'url'> = {
  apiKey: 'key-of-the-simulated-operator',
  payer: { key: 'walletid', value: '5000' },
  callbackBase: 'https://ledger.example.org',
  callbackToken: CALLBACK_TOKEN,
  // Schedules travel in time, and what was sent "lately" may be of another year.
  perMinute: 1_000_000_000,
  mostAsks: 12,
  keepsIdsHours: 48,
  timeoutMs: 10_000,
};

export interface OperatorInProcess {
  simulator: RailSimulator;
  /** How what goes to that account, for that transfer ("Support 1/3"), goes. */
  plan: (account: string, text: string) => Plan;
  answersQuestions: boolean;
  /** Called before the simulator has received a payment, and after. */
  before: () => void;
  after: () => Promise<void> | void;
}

const operators = new Map<string, OperatorInProcess>();
const fetched = globalThis.fetch;
let count = 0;

/** Answers what is fetched from an address of its own until it is closed; the settings of a service that pays through it. */
export function connect(operator: OperatorInProcess): { settings: MobileMoneySettings; close: () => void } {
  const origin = `http://operator-${(count += 1)}.in-process.test`;
  operators.set(origin, operator);
  globalThis.fetch = (input, init) => {
    const [, from = '', path = ''] = /^(http:\/\/[^/]+)\/mm(\/.*)$/.exec(typeof input === 'string' ? input : '') ?? [];
    const found = operators.get(from);
    return found ? answerTo(found, path, init) : fetched(input, init);
  };
  const close = () => {
    operators.delete(origin);
    if (operators.size === 0) globalThis.fetch = fetched;
  };
  return { settings: { ...SETTINGS, url: `${origin}/mm` }, close };
}

export function callbackBody(callback: SimCallback): Record<string, unknown> {
  return callback.kind === 'refused' ? error(callback.category, callback.code) : transactionBody(callback.transaction);
}

async function answerTo(operator: OperatorInProcess, path: string, init: RequestInit = {}): Promise<Response> {
  if (path === '/heartbeat') return said(200, { serviceStatus: 'available' });
  if (init.method !== 'POST') {
    // Refusing the question tells nothing of the payment; a fault of the server would be asked again after real seconds.
    if (!operator.answersQuestions) return said(403, error('authorisation', 'clientAuthorisationError'));
    return answerToQuestion(operator.simulator, path);
  }
  operator.before();
  const id = new Headers(init.headers).get('x-correlationid') ?? '';
  const body = JSON.parse(init.body as string) as Record<string, unknown>;
  const reversed = /^\/transactions\/([^/]+)\/reversals$/.exec(path)?.[1];
  const account = (body.creditParty as { value: string }[] | undefined)?.[0]?.value ?? '';
  const plan = operator.plan(account, (body.descriptionText as string | undefined) ?? 'reversal');
  const answered = reversed
    ? operator.simulator.reverse({ id, of: decodeURIComponent(reversed) }, plan)
    : operator.simulator.receive(
        {
          id,
          reference: String(body.requestingOrganisationTransactionReference),
          amountMinor: currencies.parse(String(body.amount), String(body.currency)).amountMinor,
          currency: String(body.currency),
          payee: account,
        },
        plan,
      );
  await operator.after();
  return answerOf(answered);
}

function answerOf(answered: SimAnswer): Response {
  switch (answered.kind) {
    case 'settled':
      return said(201, transactionBody(answered.transaction));
    case 'accepted':
      return said(202, stateBody(answered.operatorId, { status: 'pending' }));
    case 'refused':
      return said(400, error(answered.category, answered.code));
    case 'duplicate':
      return said(409, error('businessRule', 'duplicateRequest'));
    case 'server-error':
      return said(500, error('internal', 'genericError'));
    case 'silence':
      throw new TypeError('nothing came back');
  }
}

function answerToQuestion(simulator: RailSimulator, path: string): Response {
  const [, kind, named = ''] = /^\/(responses|requeststates|transactions)\/([^/]+)$/.exec(path) ?? [];
  const nothing = () => said(404, error('identification', 'identifierError'));
  if (kind === 'responses') {
    const known = simulator.ask(named);
    return known.kind === 'transaction'
      ? said(200, { link: `/transactions/${known.transaction.reference}` })
      : nothing();
  }
  if (kind === 'transactions') {
    const transaction = simulator.transaction(decodeURIComponent(named));
    return transaction ? said(200, transactionBody(transaction)) : nothing();
  }
  const held = kind === 'requeststates' ? simulator.byOperatorId(named) : undefined;
  if (!held) return nothing();
  if (held.refused)
    return said(200, stateBody(named, { status: 'failed', error: error(held.refused.category, held.refused.code) }));
  const { transaction } = held;
  return transaction && transaction.status !== 'pending'
    ? said(200, stateBody(named, { status: 'completed', objectReference: transaction.reference }))
    : said(200, stateBody(named, { status: 'pending' }));
}

const said = (status: number, body: object) => new Response(JSON.stringify(body), { status });

const error = (errorCategory: string, errorCode: string) => ({ errorCategory, errorCode });

const stateBody = (serverCorrelationId: string, state: object) => ({
  serverCorrelationId,
  notificationMethod: 'callback',
  ...state,
});
