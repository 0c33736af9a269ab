/** `node scripts/browser-scripts.mjs FOLDER`: compiles what pages load in a browser, one file for each `*.page.ts` of src/web/browser. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { projectRoot } from './child.mjs';

const FOLDER = join(projectRoot, 'src', 'web', 'browser');
const ENDING = '.page.ts';

await build({
  absWorkingDir: projectRoot,
  entryPoints: Object.fromEntries(
    readdirSync(FOLDER)
      .filter((file) => file.endsWith(ENDING))
      .map((file) => [file.slice(0, -ENDING.length), join(FOLDER, file)]),
  ),
  outdir: process.argv[2],
  bundle: true,
  minify: true, // it goes over slow lines; the sources are here for whoever wants to read it
  platform: 'browser',
  format: 'esm',
  target: 'es2022',
  tsconfigRaw: {}, // what is said there for Node has no say here
  legalComments: 'none',
  logLevel: 'error',
});
