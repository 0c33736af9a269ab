/** A Chromium for the tests of what runs in a browser, where one can be had. */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { Refusal } from './child.mjs';

/** Where Debian puts it. */
const USUAL_PLACE = '/usr/bin/chromium';

/** Answers its path, or undefined when this machine has none. In CI it is installed when missing; CI skips no test. */
export function findTestBrowser() {
  const path = process.env.CHROMIUM_PATH ?? USUAL_PLACE;
  if (existsSync(path)) return path;
  if (process.env.CI !== 'true') return undefined;
  installChromium();
  return USUAL_PLACE;
}

function installChromium() {
  if (process.getuid?.() !== 0) throw new Refusal('CI tests the offline page too, and Chromium is missing here.');
  console.log('Installing chromium for the test of the offline page ...');
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  for (const args of [['update'], ['install', '-y', '--no-install-recommends', 'chromium']]) {
    const done = spawnSync('apt-get', ['-qq', ...args], { env, stdio: ['ignore', 'ignore', 'inherit'] });
    if (done.status !== 0) throw new Refusal(`chromium could not be installed (apt-get ${args[0]}).`);
  }
  if (!existsSync(USUAL_PLACE)) throw new Refusal('chromium was installed and is not there.');
}
