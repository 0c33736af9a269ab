/** Damages what is sealed of a client, or its key, as nobody can through the service. */
import { sql } from './database.js';
import type { TestService } from './service.js';

/** `set` of the client's rows of a table of schema pii. */
const changed = (service: TestService, table: 'identity' | 'data_key', set: string, client: string, which = 'true') =>
  sql(
    service.db.url,
    `alter table pii.${table} disable trigger all;
     update pii.${table} set ${set} where client_id = (select id from casework.client where code = '${client}') and ${which};
     alter table pii.${table} enable trigger all`,
  );

/** Twice is as before. */
export const damage = (service: TestService, client: string, version = 1) =>
  changed(
    service,
    'identity',
    'sealed = set_byte(sealed, 20, get_byte(sealed, 20) # 1)',
    client,
    `version = ${version}`,
  );
export const damageKey = (service: TestService, client: string) =>
  changed(service, 'data_key', 'wrapped = set_byte(wrapped, 20, get_byte(wrapped, 20) # 1)', client);

export const hideKey = (service: TestService, client: string) =>
  changed(service, 'data_key', `key_id = 'x' || key_id`, client);
export const bringKeyBack = (service: TestService, client: string) =>
  changed(service, 'data_key', 'key_id = substr(key_id, 2)', client);

/** Of the client's rows of a table of schema casework. */
export const damageWords = (service: TestService, client: string, table: string, column: string) =>
  sql(
    service.db.url,
    `alter table casework.${table} disable trigger all;
     update casework.${table} set ${column} = set_byte(${column}, 20, get_byte(${column}, 20) # 1)
     where client_id = (select id from casework.client where code = '${client}');
     alter table casework.${table} enable trigger all`,
  );
