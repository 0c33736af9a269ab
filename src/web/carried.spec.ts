/** What is carried through signing in, and what never is. */
import { describe, expect, it } from '@jest/globals';
import type { Request } from 'express';
import { carriedFrom, carriedIn } from './carried.js';

const request = (path: string, body: object, method = 'POST') => ({ method, path, body }) as unknown as Request;

describe('A form whose session has ended', () => {
  it('is carried with everything that was typed, and without its old token', () => {
    expect(
      carriedFrom(request('/clients/C-1/notes', { _csrf: 'x', words: 'a\r\nb', kind: ['call', 'visit'] })),
    ).toEqual({
      action: '/clients/C-1/notes',
      fields: [
        { name: 'words', value: 'a\r\nb' },
        { name: 'kind', value: 'call' },
        { name: 'kind', value: 'visit' },
      ],
    });
  });

  it.each([
    ['that asks for a page', request('/clients', { a: '1' }, 'GET')],
    ['that is of the API', request('/api/v1/clients', { a: '1' })],
    ['with nothing in it', request('/runs/1/approvals', { _csrf: 'x' })],
    ['with a password in it', request('/account/password', { password: 'secret', words: 'a' })],
    ['that goes to another site', request('//evil.example/x', { a: '1' })],
  ])('%s is not', (_, sent) => expect(carriedFrom(sent)).toBeUndefined());
});

describe('What comes back from the page for signing in', () => {
  const fields = [{ name: 'words', value: 'a' }];
  it('is what was carried', () => {
    expect(carriedIn({ carried: JSON.stringify({ action: '/clients/C-1/notes', fields }) })).toEqual({
      action: '/clients/C-1/notes',
      fields,
    });
  });

  it.each([
    '',
    'null',
    '[]',
    '{',
    JSON.stringify({ action: 'https://evil.example', fields }),
    JSON.stringify({ action: '//evil.example/x', fields }),
    JSON.stringify({ action: '/\\evil.example', fields }),
    JSON.stringify({ action: '/clients', fields: 'words' }),
    JSON.stringify({ action: '/clients', fields: [{ name: '_csrf', value: 'x' }] }),
    JSON.stringify({ action: '/clients', fields: [null] }),
    JSON.stringify({ action: '/clients', fields: Array.from({ length: 201 }, () => fields[0]) }),
  ])('is nothing when it is %s', (carried) => expect(carriedIn({ carried })).toBeUndefined());
});
