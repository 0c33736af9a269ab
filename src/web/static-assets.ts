/** The few files that pages load or link to: read once at start, compressed for slow lines, kept by browsers until they change. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { NextFunction, Request, Response } from 'express';

const TYPES: Record<string, string> = {
  '.css': 'text/css; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.html': 'text/html; charset=utf-8',
};

/** Stands between all pages and the network, not those below its own address alone. */
const WORKER = '/sw.js';

interface Asset {
  type: string;
  digest: string;
  content: Buffer;
  gzipped: Buffer;
}

export class StaticAssets {
  private readonly byName = new Map<string, Asset>();

  constructor(folder: string) {
    for (const name of existsSync(folder) ? readdirSync(folder) : []) {
      const type = TYPES[extname(name)];
      if (!type) continue;
      const content = readFileSync(join(folder, name));
      const digest = createHash('sha256').update(content).digest('hex').slice(0, 12);
      this.byName.set(name, { type, digest, content, gzipped: gzipSync(content) });
    }
  }

  /** The address of a file, with a digest of its content: another content has another address. */
  url(name: string): string {
    const asset = this.byName.get(name);
    return asset ? `/assets/${name}?v=${asset.digest}` : `/assets/${name}`;
  }

  /** To be used below /assets. A file that is not there is left to whoever comes next. */
  readonly serve = (request: Request, response: Response, next: NextFunction): void => {
    const asset = this.byName.get(request.path.slice(1));
    if (!asset || (request.method !== 'GET' && request.method !== 'HEAD')) {
      next();
      return;
    }
    const isThisContent = request.query['v'] === asset.digest;
    response.setHeader('cache-control', isThisContent ? 'public, max-age=31536000, immutable' : 'no-cache');
    response.setHeader('content-type', asset.type);
    // What checks this service is to be opened from the reader's disk, not under the service's own address.
    if (extname(request.path) === '.html')
      response.setHeader('content-disposition', `attachment; filename="${request.path.slice(1)}"`);
    if (request.path === WORKER) response.setHeader('service-worker-allowed', '/');
    response.setHeader('vary', 'accept-encoding');
    if (request.acceptsEncodings('gzip')) {
      response.setHeader('content-encoding', 'gzip');
      response.end(asset.gzipped);
    } else {
      response.end(asset.content);
    }
  };
}
