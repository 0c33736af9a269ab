/** Templates look up by a name that an address may carry only what they have themselves. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { ownEntry } from './view-engine.js';

const VIEWS = join(import.meta.dirname, 'views');

describe('A table in a template', () => {
  it('has its own entries and nothing that every object has', () => {
    const table = { note: 'The note is kept.' };
    expect(ownEntry(table, 'note')).toBe('The note is kept.');
    for (const name of ['constructor', '__proto__', 'toString', '', undefined, ['note']])
      expect(ownEntry(table, name)).toBeUndefined();
  });

  it('is nowhere looked into in another way', () => {
    const templates = readdirSync(VIEWS, { recursive: true })
      .map(String)
      .filter((name) => name.endsWith('.njk'));
    expect(templates.length).toBeGreaterThan(50);
    expect(templates.filter((name) => /\}\s*\[/.test(readFileSync(join(VIEWS, name), 'utf8')))).toEqual([]);
  });
});
