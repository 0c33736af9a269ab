/** `node scripts/offline-page.mjs FILE`: writes the page that checks bundles, with everything that it needs in one file. Same source, same bytes. */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { projectRoot } from './child.mjs';

const FOLDER = join(projectRoot, 'src', 'web', 'offline');

const script = await bundledScript();
const style = readFileSync(join(FOLDER, 'verify-bundle.css'), 'utf8');
const template = readFileSync(join(FOLDER, 'verify-bundle.template.html'), 'utf8');
const filled = [
  ['SCRIPT-HASH', hashOf(script)],
  ['STYLE-HASH', hashOf(style)],
  ['<style></style>', `<style>${style}</style>`],
  ['<script type="module"></script>', `<script type="module">${script}</script>`],
].reduce((page, [place, content]) => {
  if (page.split(place).length !== 2) throw new Error(`The page has one place for ${place}.`);
  return page.replace(place, () => content);
}, template);
writeFileSync(process.argv[2], filled);

/** Not minified: whoever relies on the page may read what it does. */
async function bundledScript() {
  const { outputFiles } = await build({
    absWorkingDir: projectRoot,
    entryPoints: [join(FOLDER, 'verify-bundle.page.ts')],
    bundle: true,
    write: false,
    platform: 'browser',
    format: 'esm',
    target: 'es2022',
    tsconfigRaw: {}, // what is said there for Node has no say here
    legalComments: 'none',
    logLevel: 'error',
  });
  const text = outputFiles[0].text;
  if (/<!--|<\/?script/i.test(text)) throw new Error('The script would end, or be read otherwise, inside of the page.');
  return text;
}

/** As a content security policy names a text between tags, of which a browser makes \n of every end of a line. */
function hashOf(text) {
  if (text.includes('\r')) throw new Error('The page is made of lines that end with \\n.');
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}
