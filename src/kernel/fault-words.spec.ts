import { describe, expect, it } from '@jest/globals';
import { QueryFailedError } from 'typeorm';
import { faultWords } from './fault-words.js';

const SECRET = 'Zqname ဇော်';
const caught = (work: () => unknown): unknown => {
  try {
    return work();
  } catch (error) {
    return error;
  }
};

describe('what is written down of a fault', () => {
  it.each<[string, unknown]>([
    ['an error with a message', new Error(`no such client: ${SECRET}`)],
    [
      'a message of many lines that looks like a stack',
      new Error(`x\n    at ${SECRET} (file.ts:1:1)\n    at ${SECRET}`),
    ],
    ['JSON that cannot be read', caught(() => JSON.parse(`${SECRET}{`))],
    ['an argument of the wrong kind', caught(() => Buffer.alloc(SECRET as unknown as number))],
    ['a number that is none', caught(() => BigInt(SECRET))],
    [
      'a query that failed',
      new QueryFailedError('select $1', [SECRET], new Error(`invalid input syntax: "${SECRET}"`)),
    ],
    ['a text that was thrown', SECRET],
    ['an error about another', new Error('outer', { cause: new Error(SECRET) })],
  ])('holds nothing of what was sent: %s', (_, fault) => {
    expect(faultWords(fault)).not.toContain('Zqname');
  });

  it('says what kind it is and where it happened', () => {
    expect(faultWords(new TypeError('x'))).toMatch(/^TypeError\n {4}at .*fault-words\.spec\.ts:\d+/);
  });

  it("says the database's code, table and constraint", () => {
    const driver = Object.assign(new Error(`Key (name)=(${SECRET}) exists`), {
      code: '23505',
      table: 'client',
      constraint: 'client_code_key',
      detail: SECRET,
    });
    expect(faultWords(new QueryFailedError('insert', [SECRET], driver))).toMatch(
      /^QueryFailedError, code 23505, table client, constraint client_code_key\n/,
    );
  });
});
