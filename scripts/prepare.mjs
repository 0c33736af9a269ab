/** Brings a clone to where it can run: the lockfile's packages in node_modules/, the compiled service in dist/. Does only what is needed. */
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, extname, join } from 'node:path';
import { exitCodeOf, projectRoot, Refusal, runChild } from './child.mjs';
import { withLock } from './lock.mjs';

const at = (...parts) => join(projectRoot, ...parts);

const INSTALL_STAMP = at('node_modules', '.uct-lock-sha256');
/** npm writes this file when everything else is in place, so an interrupted install has none. */
const INSTALL_END = at('node_modules', '.package-lock.json');
const BUILD_STAMP = at('dist', '.uct-build-sha256');
const BUILD_INPUTS = [
  'package-lock.json',
  'nest-cli.json',
  '.swcrc',
  'tsconfig.json',
  'tsconfig.build.json',
  'scripts/prepare.mjs',
  'scripts/browser-scripts.mjs',
  'scripts/fonts.mjs',
  'scripts/offline-page.mjs',
  'config/currencies.json',
  'src',
];

/** Installs and builds where needed; tells about it on `out` (process.stdout or process.stderr) and throws a Refusal when it fails. */
export async function prepare(out) {
  await ensureInstalled(out);
  await ensureBuilt(out);
}

/** Installs the packages of package-lock.json unless exactly these are there. */
export async function ensureInstalled(out) {
  refuseOtherNode();
  if (isInstalled()) return;
  await oneAtATime(out, async () => {
    if (isInstalled()) return;
    out.write('Installing (npm ci) ...\n');
    const startedMs = performance.now();
    // The build and the tests need devDependencies, whatever NODE_ENV or npm's configuration say.
    await succeed(
      runChild(...npm('ci', '--include=dev', '--loglevel=error'), { stdio: ['ignore', out.fd, out.fd] }),
      'npm ci',
    );
    writeFileSync(INSTALL_STAMP, installKey());
    out.write(`Installed in ${secondsSince(startedMs)}.\n`);
  });
}

/** Compiles src/, the style sheet, the scripts of the pages and the page that checks bundles into dist/ unless dist/ was made from exactly these files. */
export async function ensureBuilt(out) {
  if (isBuilt()) return;
  await oneAtATime(out, async () => {
    if (isBuilt()) return;
    out.write('Building ...\n');
    const startedMs = performance.now();
    const key = buildKey();
    rmSync(BUILD_STAMP, { force: true });
    await runQuietly('node_modules/@nestjs/cli/bin/nest.js', ['build']); // empties dist/ first
    await buildAssets();
    await runQuietly('scripts/browser-scripts.mjs', [join('dist', 'web', 'public')]);
    await runQuietly('scripts/fonts.mjs', [join('dist', 'web', 'public')]);
    await runQuietly('scripts/offline-page.mjs', [join('dist', 'web', 'public', 'verify-bundle.html')]);
    mkdirSync(at('dist'), { recursive: true });
    writeFileSync(BUILD_STAMP, key);
    out.write(`Built in ${secondsSince(startedMs)}.\n`);
  });
}

/** The style sheet is compiled, everything else in the folder is served as it is. */
async function buildAssets() {
  const assets = 'src/web/assets';
  if (!existsSync(at(assets, 'app.scss'))) return;
  const served = at('dist', 'web', 'public');
  cpSync(at(assets), served, { recursive: true, filter: (file) => extname(file) !== '.scss' });
  // Compiling it takes longer than all the rest and is seldom needed, so its outcome is kept.
  const key = digestOf(['package-lock.json', ...filesUnder(assets).filter((file) => file.endsWith('.scss'))]);
  const kept = at('node_modules', '.cache', 'uct-ledger', `${key}.css`);
  if (!existsSync(kept)) {
    const options = ['--style=compressed', '--quiet-deps', '--no-source-map', '--load-path=node_modules'];
    await runQuietly('node_modules/sass/sass.js', [...options, `${assets}/app.scss`, `${kept}.part`]);
    renameSync(`${kept}.part`, kept);
  }
  cpSync(kept, join(served, 'app.css'));
}

function refuseOtherNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if ((major === 20 && minor >= 19) || (major === 22 && minor >= 13) || major > 22) return;
  throw new Refusal(`Node ${process.versions.node} is not enough: install Node 20.19, 22.13 or newer (not 21).`);
}

function isInstalled() {
  if (!existsSync(INSTALL_END) || !hasEveryDependency()) return false;
  const stamp = existsSync(INSTALL_STAMP) ? readFileSync(INSTALL_STAMP, 'utf8') : undefined;
  if (stamp === installKey()) return true; // whatever the times say: a checkout makes the lockfile look new
  if (stamp && !stamp.trim().endsWith(` ${platform}`)) return false; // brought from another machine, with that machine's binaries
  if (statSync(INSTALL_END).mtimeMs < statSync(at('package-lock.json')).mtimeMs) return false;
  writeFileSync(INSTALL_STAMP, installKey()); // somebody ran npm install by hand
  return true;
}

/** An install with NODE_ENV=production looks whole and lacks half of what the build needs. */
function hasEveryDependency() {
  const { dependencies = {}, devDependencies = {} } = JSON.parse(readFileSync(at('package.json'), 'utf8'));
  return Object.keys({ ...dependencies, ...devDependencies }).every((name) =>
    existsSync(at('node_modules', name, 'package.json')),
  );
}

const platform = `${process.platform}-${process.arch}`;

function installKey() {
  return `${createHash('sha256')
    .update(readFileSync(at('package-lock.json')))
    .digest('hex')} ${platform}\n`;
}

function isBuilt() {
  return existsSync(BUILD_STAMP) && readFileSync(BUILD_STAMP, 'utf8') === buildKey();
}

/** Digest of everything that dist/ is made from; unit tests are not part of it. */
function buildKey() {
  return digestOf(BUILD_INPUTS.flatMap(filesUnder).filter((file) => !file.endsWith('.spec.ts')));
}

function digestOf(files) {
  const hash = createHash('sha256');
  for (const file of files) {
    hash.update(`${file}\0`).update(
      createHash('sha256')
        .update(readFileSync(at(file)))
        .digest(),
    );
  }
  return hash.digest('hex');
}

function filesUnder(path) {
  if (!existsSync(at(path))) return [];
  if (!statSync(at(path)).isDirectory()) return [path];
  return readdirSync(at(path))
    .sort()
    .flatMap((name) => filesUnder(`${path}/${name}`));
}

/** npm as it was called, so that `npm start` of one Node does not install with another's npm. */
function npm(...args) {
  const called = process.env.npm_execpath;
  return called && basename(called).startsWith('npm-cli') ? [process.execPath, [called, ...args]] : ['npm', args];
}

function oneAtATime(out, work) {
  const onWait = () => out.write('Waiting for another process that installs or builds here ...\n');
  return withLock(at('.prepare.lock'), work, onWait);
}

/** Runs a tool of node_modules; what it prints is shown only when it fails. */
async function runQuietly(tool, args) {
  const printed = [];
  const keep = (child) =>
    [child.stdout, child.stderr].forEach((stream) => stream.on('data', (part) => printed.push(part)));
  const running = runChild(process.execPath, [at(tool), ...args], { stdio: ['ignore', 'pipe', 'pipe'], onStart: keep });
  await succeed(running, `${basename(tool, '.js')} ${args[0]}`, () => Buffer.concat(printed).toString());
}

async function succeed(running, name, printed = () => '') {
  const { code, asked } = await running.catch((error) => {
    throw new Refusal(`${name} could not be run: ${error.message}`);
  });
  if (asked) throw new Refusal('', exitCodeOf(asked));
  if (code !== 0) throw new Refusal(`${printed()}\n${name} failed (exit code ${code}).`.trim());
}

function secondsSince(startedMs) {
  return `${((performance.now() - startedMs) / 1000).toFixed(1)} s`;
}
