/** Stands between a client and PostgreSQL and can cut the connection where it hurts most: around a COMMIT. */
import { createServer, connect, type Server, type Socket } from 'node:net';

/**
 * 'now': whatever is under way. 'before the commit': the server never hears of it. 'after the commit': the server hears of it, the client is
 * cut off at once. 'before the answer': the server has committed and said so, and the client does not hear it.
 */
export type Cut = 'now' | 'before the commit' | 'after the commit' | 'before the answer';

export interface CuttingProxy {
  port: number;
  /** Where PostgreSQL listens from now on. */
  leadTo(port: number): void;
  /** Resolves when it has been done. */
  cut(how: Cut): Promise<void>;
  close(): Promise<void>;
}

interface Order {
  how: Cut;
  done: () => void;
}

export async function startProxy(): Promise<CuttingProxy> {
  let targetPort = 0;
  let order: Order | undefined;
  const pairs = new Set<() => void>();

  const fulfil = () => {
    order?.done();
    order = undefined;
  };

  const server = createServer((client) => {
    const upstream = connect(targetPort, '127.0.0.1');
    const cutBoth = () => {
      client.destroy();
      upstream.destroy();
      pairs.delete(cutBoth);
    };
    pairs.add(cutBoth);
    for (const socket of [client, upstream]) {
      socket.setNoDelay(true);
      socket.on('error', cutBoth);
      socket.on('close', cutBoth);
    }
    let hasCommitted = false;
    const frames = frameReader();
    client.on('data', (chunk) => {
      for (const frame of frames(chunk)) {
        if (order && order.how !== 'now' && isCommit(frame)) {
          if (order.how === 'before the commit') cutBoth();
          if (order.how === 'after the commit') cutAfter(upstream, client, frame);
          if (order.how !== 'before the answer') {
            fulfil();
            return;
          }
          hasCommitted = true;
        }
        upstream.write(frame);
      }
    });
    upstream.on('data', (chunk) => {
      if (hasCommitted) {
        cutBoth();
        fulfil();
        return;
      }
      client.write(chunk);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: portOf(server),
    leadTo: (port) => {
      targetPort = port;
    },
    cut: (how) =>
      new Promise((resolve) => {
        order = { how, done: resolve };
        if (how !== 'now') return;
        for (const cutBoth of [...pairs]) cutBoth();
        fulfil();
      }),
    close: async () => {
      for (const cutBoth of [...pairs]) cutBoth();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Ends what goes to the server only after the frame, so that the frame is read; a socket that is destroyed may lose it. */
function cutAfter(upstream: Socket, client: Socket, frame: Buffer): void {
  client.removeAllListeners('close');
  upstream.removeAllListeners('data');
  upstream.resume();
  upstream.end(frame);
  client.destroy();
}

/** Cuts a client's bytes into the messages of PostgreSQL's protocol: the first has no type byte, all others have one. */
function frameReader(): (chunk: Buffer) => Buffer[] {
  let rest = Buffer.alloc(0);
  let hasStarted = false;
  return (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    const whole: Buffer[] = [];
    for (;;) {
      const typeBytes = hasStarted ? 1 : 0;
      if (rest.length < typeBytes + 4) return whole;
      const length = typeBytes + rest.readUInt32BE(typeBytes);
      if (rest.length < length) return whole;
      whole.push(rest.subarray(0, length));
      rest = rest.subarray(length);
      hasStarted = true;
    }
  };
}

const isCommit = (frame: Buffer): boolean => frame[0] === 0x51 /* Q */ && frame.toString('latin1', 5, 11) === 'COMMIT';

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the proxy has no port');
  return address.port;
}
