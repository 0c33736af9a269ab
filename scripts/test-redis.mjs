/** A Redis of its own for one run of the tests, where a redis-server can be had. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Refusal } from './child.mjs';

const START_LIMIT_MS = 10_000;

/** Answers `{ url, stop }`, or undefined when this machine has none. In CI it is installed when missing; CI skips no test. */
export async function startTestRedis() {
  if (!isThere()) {
    if (process.env.CI !== 'true') return undefined;
    installRedis();
  }
  const home = mkdtempSync(join(tmpdir(), 'uct-redis-'));
  const port = await freePort();
  const args = ['--port', String(port), '--bind', '127.0.0.1', '--dir', home, '--save', '', '--appendonly', 'no'];
  const server = spawn('redis-server', args, { stdio: 'ignore' });
  const ended = new Promise((resolve) => server.once('exit', resolve));
  const stop = async () => {
    server.kill('SIGTERM');
    await ended;
    rmSync(home, { recursive: true, force: true });
  };
  for (const startedMs = performance.now(); !(await answers(port)); await sleep(50)) {
    if (server.exitCode === null && performance.now() - startedMs < START_LIMIT_MS) continue;
    await stop();
    throw new Refusal('redis-server did not start.');
  }
  return { url: `redis://127.0.0.1:${port}`, stop };
}

function isThere() {
  return spawnSync('redis-server', ['--version'], { stdio: 'ignore' }).status === 0;
}

function installRedis() {
  if (process.getuid?.() !== 0) throw new Refusal('CI tests the queue on Redis too, and redis-server is missing here.');
  console.log('Installing redis-server for the queue tests ...');
  // RUNLEVEL: Debian would start the server at once; the tests start their own.
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  for (const args of [['update'], ['install', '-y', '--no-install-recommends', 'redis-server']]) {
    const done = spawnSync('apt-get', ['-qq', ...args], { env, stdio: ['ignore', 'ignore', 'inherit'] });
    if (done.status !== 0) throw new Refusal(`redis-server could not be installed (apt-get ${args[0]}).`);
  }
  if (!isThere()) throw new Refusal('redis-server was installed and does not run.');
}

function answers(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'));
    socket.setTimeout(1_000, () => socket.destroy());
    socket.once('data', (data) => {
      resolve(data.toString().startsWith('+PONG'));
      socket.destroy();
    });
    socket.once('error', () => undefined);
    socket.once('close', () => resolve(false));
  });
}

function freePort() {
  return new Promise((resolve, reject) => {
    const probe = createServer().once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => resolve(port));
    });
  });
}
