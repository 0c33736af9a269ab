/**
 * `node scripts/fonts.mjs FOLDER`: the letters that a phone may lack, one style sheet for each script. Noto Sans, under the SIL Open Font
 * License 1.1, without its Latin letters: those every phone has. A page loads them only where somebody asked for them, and under a name that
 * stands first among its fonts: after `system-ui` Chromium draws empty boxes for some words, though a later font has the letters.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from './child.mjs';

const SCRIPTS = { th: 'thai', my: 'myanmar', lo: 'lao', km: 'khmer' };
const [folder] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });

for (const [language, script] of Object.entries(SCRIPTS)) {
  const from = join(projectRoot, 'node_modules', '@fontsource', `noto-sans-${script}`);
  const file = `noto-sans-${script}-${script}-400-normal.woff2`;
  const letters = readFileSync(join(from, 'files', file)).toString('base64');
  const family = `Noto Sans ${script[0].toUpperCase()}${script.slice(1)}`;
  const range = rangeOf(file, readFileSync(join(from, '400.css'), 'utf8'));
  writeFileSync(
    join(folder, `letters-${language}.css`),
    `/* ${family}: SIL Open Font License 1.1 */
@font-face{font-family:'Letters sent';font-style:normal;font-weight:400;src:url(data:font/woff2;base64,${letters}) format('woff2');unicode-range:${range}}
`,
  );
}

/** The letters that the file has, as its own style sheet tells them. */
function rangeOf(file, sheet) {
  const face = sheet.split('@font-face').find((one) => one.includes(file));
  const range = /unicode-range:\s*([^;}]+)/.exec(face ?? '')?.[1];
  if (!range) throw new Error(`${file}: which letters it has is not told.`);
  return range.trim();
}
