import { expect, it } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A file of this folder and all that it imports, with its text. */
function reachedFrom(file: string, reached = new Map<string, string>()): Map<string, string> {
  if (reached.has(file)) return reached;
  const text = readFileSync(join(import.meta.dirname, file), 'utf8');
  reached.set(file, text);
  for (const [, imported = ''] of text.matchAll(/ from '(.*)';$/gm)) {
    if (!imported.startsWith('./')) throw new Error(`${file} imports ${imported}`);
    reachedFrom(imported.slice(2).replace(/\.js$/, '.ts'), reached);
  }
  return reached;
}

it.each(['proof-check.ts', 'signed-note.ts', 'checkpoint.ts', 'bytes.ts'])(
  'a browser can run %s: it reaches nothing of Node',
  (file) => {
    const reached = reachedFrom(file);
    for (const [name, text] of reached)
      expect([name, /\b(Buffer|process|require)\b/.test(text)]).toEqual([name, false]);
    if (file !== 'bytes.ts') expect(reached.size).toBeGreaterThan(2);
  },
);
