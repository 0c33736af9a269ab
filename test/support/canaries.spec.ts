import { describe, expect, it } from '@jest/globals';
import { sightings } from './canaries.js';

describe('a search for a canary', () => {
  const canary = 'Zq “Ma” /Thida+ 1';

  it.each<[string, string]>([
    ['as it is', `x${canary}y`],
    ['in capitals', canary.toUpperCase()],
    ['in JSON', JSON.stringify({ name: canary })],
    ['in an address', `?q=${encodeURIComponent(canary)}`],
    ['in a form', new URLSearchParams({ q: canary }).toString()],
    ['in bytes as PostgreSQL shows them', `\\x00${Buffer.from(canary).toString('hex')}00`],
    ['in UTF-16', Buffer.from(`ab${canary}`, 'utf16le').toString('hex').toUpperCase()],
    ['in a buffer as JSON has it', JSON.stringify(Buffer.from(`x${canary}`))],
    ['in base64', Buffer.from(canary).toString('base64')],
    ['in base64, one byte in', Buffer.from(`x${canary}y`).toString('base64')],
    ['in base64, two bytes in', Buffer.from(`xx${canary}yy`).toString('base64')],
    [
      'in JSON that spares letters beyond ASCII',
      JSON.stringify(canary).replace(/[^ -~]/g, (c) => `\\u${c.charCodeAt(0).toString(16)}`),
    ],
    ['in JSON of numbers only', [...canary].map((c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`).join('')],
    ['in HTML by numbers', canary.replaceAll('“', '&#8220;').replaceAll('”', '&#8221;')],
    ['in HTML by hexadecimal numbers', canary.replaceAll('“', '&#x201C;').replaceAll('”', '&#x201D;')],
    ['in an address of which every byte is encoded', Buffer.from(canary).toString('hex').replace(/../g, '%$&')],
    ['without spaces and marks', 'x ZqMaThida1 y'],
    ['in base64 of UTF-16', Buffer.from(`a${canary}b`, 'utf16le').toString('base64')],
    ['in base64 for addresses', Buffer.from(`xx${canary}yy`).toString('base64url')],
  ])('finds it %s', (_, haystack) => {
    expect(sightings(haystack, canary)).not.toEqual([]);
  });

  it.each(['NFC', 'NFD'] as const)('finds it in %s when it was written in the other', (form) => {
    const other = form === 'NFC' ? 'NFD' : 'NFC';
    expect(sightings('Zoé Ångström'.normalize(form), 'Zoé Ångström'.normalize(other))).not.toEqual([]);
  });

  it('finds nothing where it is not', () => {
    expect(sightings('Zq Ma Thida 1', canary)).toEqual([]);
  });
});
