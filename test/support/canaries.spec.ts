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
    ['in base64 for addresses', Buffer.from(`xx${canary}yy`).toString('base64url')],
  ])('finds it %s', (_, haystack) => {
    expect(sightings(haystack, canary)).not.toEqual([]);
  });

  it('finds nothing where it is not', () => {
    expect(sightings('Zq Ma Thida 1', canary)).toEqual([]);
  });
});
