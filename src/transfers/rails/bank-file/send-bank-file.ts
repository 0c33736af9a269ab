/** Sends a file's content as it is read, with its digest as RFC 9530 writes it. */
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Response } from 'express';
import type { BankFileContent } from './bank-file-downloads.service.js';

export async function sendBankFile(content: BankFileContent, response: Response): Promise<void> {
  try {
    response
      .attachment(content.fileName)
      .type(content.contentType)
      .setHeader('repr-digest', `sha-256=:${content.sha256.toString('base64')}:`);
    await pipeline(Readable.from(content.chunks), response);
  } finally {
    await content.close();
  }
}
