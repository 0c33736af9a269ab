/** Roles that must not meet in one person: refused by the service and by the database, whichever way they are given. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { OPERATOR_USER_ID, operatorActor, roleNames, type Role } from '../src/access/domain/actor.js';
import { UsersService } from '../src/access/users.service.js';
import { newId } from './support/builders.js';
import { connect } from './support/connection.js';
import { sql } from './support/database.js';
import { startTestService, TEST_PASSWORD, type TestService } from './support/service.js';

/** Which part somebody plays: who works with clients, who pays (three parts), who gives, who checks, who administers. */
const PARTS: Record<Role, string> = {
  caseworker: 'casework',
  supervisor: 'casework',
  'finance-preparer': 'prepares',
  'finance-approver': 'approves',
  'finance-releaser': 'releases',
  donor: 'gives',
  auditor: 'checks',
  administrator: 'administers',
};
const pairs = roleNames.flatMap((one) =>
  roleNames.filter((other) => one < other).map((other) => [one, other] as const),
);
const giveRole = 'insert into access.user_role values ($1, $2, $3, now())';
const mayMeet = (one: Role, other: Role) => PARTS[one] === PARTS[other];

let service: TestService;
beforeAll(async () => {
  service = await startTestService();
});
afterAll(() => service.close());

const create = (roles: Role[]) =>
  service.app.get(UsersService).create(operatorActor('test'), {
    email: `${newId()}@test.example`,
    displayName: 'Somebody',
    password: TEST_PASSWORD,
    roles,
  });

describe('two roles in one person', () => {
  it.each(pairs)('%s and %s meet only where both are casework', async (one, other) => {
    const both = create([one, other]);
    if (mayMeet(one, other)) await expect(both).resolves.toMatch(/^[0-9a-f-]{36}$/);
    else await expect(both).rejects.toMatchObject({ driverError: { code: 'UCT10' } });

    const id = await create([one]);
    const given = sql(service.db.url, giveRole, [id, other, OPERATOR_USER_ID], 'uct_service');
    if (mayMeet(one, other)) await given;
    else await expect(given).rejects.toMatchObject({ code: 'UCT10' });
  });

  it('are refused when one is turned into the other', async () => {
    const id = await create(['caseworker', 'supervisor']);
    const turned = sql(
      service.db.url,
      "update access.user_role set role = 'auditor' where user_id = $1 and role = 'supervisor'",
      [id],
    );
    await expect(turned).rejects.toMatchObject({ code: 'UCT10' });
  });

  it('are refused when two people give them at the same moment', async () => {
    const id = await create(['donor']);
    await sql(service.db.url, 'delete from access.user_role where user_id = $1', [id]);
    const first = await connect(service.db.url);
    try {
      await first.query('begin');
      await first.query(giveRole, [id, 'finance-approver', OPERATOR_USER_ID]);
      const second = sql(service.db.url, giveRole, [id, 'finance-releaser', OPERATOR_USER_ID]).catch(
        (error: unknown) => error,
      );
      await first.waitUntilSomebodyWaits();
      await first.query('commit');
      expect(await second).toMatchObject({ code: 'UCT10' });
    } finally {
      await first.end();
    }
  });

  it('are given to nobody who is no person', async () => {
    const users = await sql<{ id: string }>(service.db.url, "select id from access.app_user where kind <> 'person'");
    expect(users).toHaveLength(3);
    for (const { id } of users) {
      const given = sql(service.db.url, giveRole, [id, 'administrator', service.actor('administrator').userId]);
      await expect(given).rejects.toMatchObject({ code: 'UCT10' });
    }
  });
});
