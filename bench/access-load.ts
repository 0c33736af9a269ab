/** The callers of `access.bench.ts`: so many requests over so many connections that are kept open, from a thread of their own. */
import { Agent, request } from 'node:http';
import { parentPort } from 'node:worker_threads';

export interface Load {
  url: string;
  method: string;
  path: string;
  body?: string;
  token: string;
  callers: number;
  calls: number;
}

export interface LoadDone {
  seconds: number;
  /** Answers other than 2xx. */
  wrong: number;
}

parentPort?.on('message', (load: Load) => {
  void run(load).then((done) => parentPort?.postMessage(done));
});

async function run(load: Load): Promise<LoadDone> {
  const agent = new Agent({ keepAlive: true, maxSockets: load.callers });
  let left = load.calls;
  let wrong = 0;
  const start = process.hrtime.bigint();
  await Promise.all(
    Array.from({ length: load.callers }, async () => {
      while (left-- > 0) if (!(await call(load, agent))) wrong += 1;
    }),
  );
  const seconds = Number(process.hrtime.bigint() - start) / 1e9;
  agent.destroy();
  return { seconds, wrong };
}

function call({ url, method, path, body, token }: Load, agent: Agent): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const headers = {
      authorization: `Bearer ${token}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }),
    };
    const sent = request(url + path, { method, agent, headers }, (answer) => {
      answer.resume();
      answer.on('end', () => resolve((answer.statusCode ?? 500) < 300));
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
