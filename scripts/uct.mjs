/** `npm run -s uct -- <command>`: the operator's command; installing and building, when needed, is told on stderr only. */
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { projectRoot, script } from './child.mjs';
import { prepare } from './prepare.mjs';

await script(() => prepare(process.stderr));
if (process.exitCode === 0) {
  const cli = join(projectRoot, 'dist', 'cli.js');
  process.argv[1] = cli; // it finds its arguments where it would if it had been started itself
  await import(pathToFileURL(cli).href);
}
