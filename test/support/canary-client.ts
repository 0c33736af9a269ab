/** A client of whom everything that is held is a canary: every field of who they are, and every word that was said about them. */
import type { Identity } from '../../src/clients/domain/identity.js';
import { clientBody, newId, ranks } from './builders.js';
import type { TestService } from './service.js';

/** Each text stands in one place only. Dates and scripts have few shapes that are theirs alone; of these the day of birth is searched too. */
export function canaryIdentity(suffix = ''): Required<Identity> {
  const z = (text: string) => `Zq${text}${suffix}`;
  const phone = (digits: string) => `+95 9 ${digits}${suffix === '' ? '' : '8'}`;
  return {
    names: [
      { text: z('name ဇော်ဇော် One'), script: 'Mymr', romanised: z('roman Zaw Zaw') },
      { text: z('alias Thai ซอ'), script: 'Thai', original: z('original ေဇာ္') },
    ],
    dateOfBirth: '1963-11-07',
    phone: phone('414 141 417'),
    otherPhones: [phone('515 151 518'), phone('616 161 619')],
    address: `7 ${z('address Lane/Mawlamyine')}`,
    otherAddresses: [z('elsewhere Road 9'), z('hiding place 4')],
    payee: { bank: z('bank Ltd'), account: z('ACC-0042-4711') },
    documents: [{ kind: z('passport kind'), number: z('MA-998877'), country: 'MM' }],
    guardian: {
      names: [{ text: z('guardian Daw Mya'), romanised: z('guardroman') }],
      relation: z('relation aunt'),
      phone: phone('717 171 714'),
    },
    kin: [
      {
        names: [{ text: z('kin U Ba'), romanised: z('kinroman') }],
        relation: z('kin brother'),
        phone: phone('818 181 815'),
        mayKnow: false,
      },
    ],
    safety: [z('safety: the man in the <white> car & his "boss"'), z('safety too')],
  };
}

/** What was said by the client and of them. */
export function canaryWords(suffix = '') {
  const z = (text: string) => `Zq${text}${suffix}`;
  return {
    need: z('need rice “for all of us”'),
    plan: z('plan pay back the boat'),
    cameOf: z('came of it: peace/rest'),
    how: z('how by the neighbour'),
    when: z('when market days'),
    byWhom: z('by whom Ma Hla'),
    never: z('never at the factory'),
    wording: z('wording about the rice'),
    interviewer: z('interviewer a woman'),
    interpreter: z('interpreter not from Mon'),
    contact: z('contact he asked when'),
    note: z('note he is well'),
    emergency: z('emergency from the clinic'),
  };
}

/** The texts of it, without the codes that many share. */
export function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return /^([A-Z][a-z]{3}|[A-Z]{2})$/.test(value) ? [] : [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

/** Registers the client with caseworker 1, who writes down all that can be, and caseworker 2 opens the file in an emergency; the code. */
export async function registerCanaryClient(service: TestService, today: string, suffix = ''): Promise<string> {
  const [identity, words] = [canaryIdentity(suffix), canaryWords(suffix)];
  const caseworker = service.as('caseworker');
  const registered = await caseworker.post('/api/v1/clients', { ...clientBody(), identity }).expect(201);
  const { code } = registered.body as { code: string };
  const client = `/api/v1/clients/${code}`;
  const plan = newId();
  const item = { need: 'debt', description: words.plan, amount: '500.00', currency: 'THB' };
  const told = { item: 1, spent: '500.00', currency: 'THB', cameOf: words.cameOf };
  const { how, when, byWhom, never, wording, interviewer, interpreter } = words;
  const rules = { channels: ['call'], language: 'my', how, when, byWhom, never, wording, interviewer, interpreter };
  const contact = { id: newId(), rulesVersion: 1, direction: 'incoming', channel: 'call', outcome: 'reached' };
  for (const [path, body] of [
    [
      'needs-assessments',
      { id: newId(), assessedOn: today, ranks: ranks('food'), interpretations: { food: words.need } },
    ],
    ['spending-plans', { id: plan, items: [item] }],
    [`spending-plans/${plan}/tracking`, { id: newId(), items: [told] }],
    ['safe-contact', { replaces: 0, rules }],
    ['contacts', { ...contact, words: words.contact }],
    ['case-notes', { id: newId(), kind: 'call', words: words.note }],
  ] as const) {
    await caseworker.post(`${client}/${path}`, body).expect(201);
  }
  const emergency = { reason: 'medical', words: words.emergency };
  await service.as('caseworker', 2).post(`${client}/emergency-access`, emergency).expect(201);
  return code;
}
