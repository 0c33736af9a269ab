/** `npm run reset`: removes everything under .data/ (or UCT_DATA_DIR) after asking; `--yes` does not ask. */
import { existsSync, lstatSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join, relative, resolve, sep } from 'node:path';
import { createInterface } from 'node:readline/promises';
import { parseArgs } from 'node:util';
import { pathToFileURL } from 'node:url';
import { isAlive, projectRoot, Refusal, script } from './child.mjs';
import { commandOf, stopLeftBehindPostgres } from './left-behind.mjs';

const dataDir = resolve(process.env.UCT_DATA_DIR || join(projectRoot, '.data'));
const shownAs = dataDir.startsWith(projectRoot + sep) ? `${relative(projectRoot, dataDir)}/` : `${dataDir}/`;

await script(async () => {
  refuseWrongFolder();
  if (!existsSync(dataDir) || readdirSync(dataDir).length === 0) {
    console.log(`${shownAs} is empty already.`);
    return 0;
  }
  refuseWhileRunning();
  if (!(await mayRemove())) {
    console.log('Nothing was removed.');
    return 1;
  }
  refuseWhileRunning(); // somebody may have thought for long
  const removeCluster = await clusterRemover();
  for (const entry of readdirSync(dataDir).map((name) => join(dataDir, name))) {
    if (holdsCluster(entry)) {
      if (!(await stopLeftBehindPostgres(entry)))
        throw new Refusal(`The PostgreSQL of ${entry} does not stop; nothing more was removed.`);
      removeCluster(entry);
    }
    rmSync(entry, { recursive: true, force: true });
  }
  console.log(`${shownAs} is empty now.`);
  return 0;
});

/** A slip in UCT_DATA_DIR must not cost somebody the project or the home folder. */
function refuseWrongFolder() {
  const holds = (folder) => folder === dataDir || folder.startsWith(dataDir.endsWith(sep) ? dataDir : dataDir + sep);
  if (holds(projectRoot) || holds(homedir())) throw new Refusal(`${dataDir} is not a data folder of this service.`);
}

function refuseWhileRunning() {
  const pid = lockHolder();
  // The id of a service that was killed may belong to another program by now.
  if (pid && isAlive(pid) && commandOf(pid).includes('node'))
    throw new Refusal(`The service is running (process ${pid}): stop it first.`);
}

function lockHolder() {
  try {
    return JSON.parse(readFileSync(join(dataDir, 'service.lock'), 'utf8')).pid;
  } catch {
    return undefined; // not there, or never written to its end
  }
}

async function mayRemove() {
  const { values } = parseArgs({ options: { yes: { type: 'boolean', default: false } } });
  if (values.yes) return true;
  if (!process.stdin.isTTY)
    throw new Refusal('There is no terminal to ask at; say `npm run reset -- --yes` if you mean it.');
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const answer = await new Promise((answered) => {
    terminal.once('close', () => answered('')); // Ctrl-C and Ctrl-D are a no
    terminal.question(`Remove everything in ${shownAs}? [y/N] `).then(answered, () => answered(''));
  });
  terminal.close();
  return /^y(es)?$/i.test(answer.trim());
}

function holdsCluster(entry) {
  return lstatSync(entry).isSymbolicLink() || existsSync(join(entry, 'PG_VERSION'));
}

/** A cluster may be a link to a folder elsewhere; without dist/ only the link goes, and the next start removes what it led to. */
async function clusterRemover() {
  const module = join(projectRoot, 'dist', 'kernel', 'database', 'embedded-postgres.js');
  if (!existsSync(module)) return (entry) => rmSync(entry, { recursive: true, force: true });
  return (await import(pathToFileURL(module).href)).removeCluster;
}
