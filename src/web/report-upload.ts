/** A file that a page's form sends goes to the spool as it comes in, never into memory. */
import type { Readable } from 'node:stream';
import type { Request } from 'express';
import { Spool, type SpooledFile } from '../transfers/reconciliation/spool.js';

type Done = (error: unknown, kept?: { spooled: SpooledFile }) => void;

export function reportUpload(spool: Spool) {
  const storage = {
    _handleFile(_request: Request, { stream }: { stream: Readable }, done: Done): void {
      spool.keep(stream).then(
        (spooled) => done(null, { spooled }),
        (error: unknown) => done(error),
      );
    },
    _removeFile(_request: Request, { spooled }: { spooled?: SpooledFile }, done: Done): void {
      (spooled ? spool.remove(spooled) : Promise.resolve()).then(() => done(null), done);
    },
  };
  return { storage, limits: { files: 1, fields: 4, fieldSize: 200, parts: 6 } };
}
