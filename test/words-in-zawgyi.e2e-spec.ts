/** What was typed in Zawgyi into an interview, a plan and what came of it is read by everybody, kept as it was typed, and given to the client. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { needsCatalogue } from '../src/needs/catalogue.js';
import { newId, registerClient } from './support/builders.js';
import { inZawgyi } from './support/burmese-people.js';
import { startTestService, type TestService } from './support/service.js';

const BURMESE = 'အောင်မြင့်ဦး ဆေးခန်းသွားမယ်'.normalize('NFC');
const TYPED = inZawgyi(BURMESE);

let service: TestService;
beforeAll(async () => {
  service = await startTestService({ today: '2026-03-02' });
});
afterAll(() => service.close());

const post = (path: string, body: object) => service.as('caseworker').post(path, body);
const get = async (path: string) => (await service.as('caseworker').get(path).expect(200)).body as unknown;
const exported = (client: string) => get(`/api/v1/clients/${client}/export`);

describe('Zawgyi', () => {
  it('in the words on a highest priority is kept in both, and sent again it is the same', async () => {
    const client = await registerClient(service);
    const path = `/api/v1/clients/${client}/needs-assessments`;
    const ranks = Object.fromEntries(needsCatalogue.needs.map(({ code }, at) => [code, at === 0 ? 4 : 1]));
    const [first = ''] = Object.keys(ranks);
    const assessment = { id: newId(), assessedOn: '2026-03-01', ranks, interpretations: { [first]: TYPED } };
    await post(path, assessment).expect(201);
    await post(path, assessment).expect(200);
    expect(await get(`${path}/latest`)).toMatchObject({ interpretations: { [first]: BURMESE } });
    const { held } = (await exported(client)) as { held: { needsAssessments: { ranks: object[] }[] } };
    expect(held.needsAssessments[0]?.ranks).toContainEqual(
      expect.objectContaining({ inYourWords: BURMESE, asTyped: TYPED }),
    );
  });

  it('in a plan and in what came of it is kept in both, and sent again it is the same', async () => {
    const client = await registerClient(service);
    const path = `/api/v1/clients/${client}/spending-plans`;
    const item = { need: 'debt', amount: '500.00', currency: 'THB' };
    const plan = {
      id: newId(),
      items: [
        { ...item, description: TYPED },
        { ...item, description: 'A loan' },
      ],
    };
    const tracking = { id: newId(), items: [{ item: 1, currency: 'THB', cameOf: TYPED }] };
    for (const status of [201, 200]) {
      await post(path, plan).expect(status);
      await post(`${path}/${plan.id}/tracking`, tracking).expect(status);
    }
    const { held } = (await exported(client)) as { held: { spendingPlans: object[] } };
    expect(held.spendingPlans[0]).toMatchObject({
      items: [{ description: BURMESE, asTyped: TYPED }, { description: 'A loan' }],
      toldAfterwards: [{ items: [{ cameOf: BURMESE, asTyped: TYPED }] }],
    });
  });
});
