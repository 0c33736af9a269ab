/**
 * `node scripts/fonts.mjs FOLDER`: the letters that a phone may lack, one file for each script with the style sheet that names it. Noto Sans,
 * under the SIL Open Font License 1.1, without its Latin letters: those every phone has. A page loads them only where somebody asked for them.
 */
import { createHash } from 'node:crypto';
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { projectRoot } from './child.mjs';

const SCRIPTS = { th: 'thai', my: 'myanmar', lo: 'lao', km: 'khmer' };
const [folder] = process.argv.slice(2);
mkdirSync(folder, { recursive: true });

for (const [language, script] of Object.entries(SCRIPTS)) {
  const from = join(projectRoot, 'node_modules', '@fontsource', `noto-sans-${script}`);
  const font = join(from, 'files', `noto-sans-${script}-${script}-400-normal.woff2`);
  const name = `letters-${language}.woff2`;
  const digest = createHash('sha256').update(readFileSync(font)).digest('hex').slice(0, 12);
  const family = `Noto Sans ${script[0].toUpperCase()}${script.slice(1)}`;
  const range = rangeIn(readFileSync(join(from, `${script}-400.css`), 'utf8'), script, from);
  copyFileSync(font, join(folder, name));
  writeFileSync(
    join(folder, `letters-${language}.css`),
    `/* ${family}: SIL Open Font License 1.1 */
@font-face{font-family:'${family}';font-style:normal;font-weight:400;font-display:swap;src:url('/assets/${name}?v=${digest}') format('woff2');unicode-range:${range}}
`,
  );
}

/** The letters that the file has, as its own style sheet tells them. */
function rangeIn(sheet, script, from) {
  const all = `${sheet}\n${readFileSync(join(from, '400.css'), 'utf8')}`;
  const block = all
    .split('@font-face')
    .find((one) => one.includes(`-${script}-400-normal.woff2`) && one.includes('unicode-range'));
  const range = /unicode-range:\s*([^;}]+)/.exec(block ?? '')?.[1];
  if (!range) throw new Error(`${from} does not tell which letters it has.`);
  return range.trim();
}
