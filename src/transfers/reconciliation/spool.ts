/** Where a bank's file lies while it is read: on disk, for nobody but this service, counted as it comes in, and gone afterwards. */
import { createHash } from 'node:crypto';
import { createWriteStream, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Problem } from '../../kernel/domain/problem.js';
import { sentence } from '../../kernel/domain/sentence.js';
import { Ids } from '../../kernel/ids.js';
import { Settings } from '../../kernel/settings.js';

/** A file as it came in. Whoever takes it removes it. */
export interface SpooledFile {
  path: string;
  sizeBytes: number;
  sha256: Buffer;
}

@Injectable()
export class Spool implements OnApplicationBootstrap {
  private readonly directory: string;

  constructor(
    private readonly ids: Ids,
    private readonly settings: Settings,
  ) {
    this.directory = settings.bankReports.directory ?? join(tmpdir(), `uct-ledger-uploads-${process.getuid?.() ?? 0}`);
  }

  /** What a process left behind that is no more. */
  onApplicationBootstrap(): void {
    mkdirSync(this.directory, { recursive: true, mode: 0o700 });
    for (const name of readdirSync(this.directory)) {
      const pid = /^(\d+)-[0-9a-f-]{36}$/.exec(name)?.[1];
      if (pid && !isRunning(Number(pid))) rmSync(join(this.directory, name), { force: true });
    }
  }

  /** Throws `report-too-large` (413), before more than the limit is on disk, and `report-empty` (422). */
  async keep(incoming: Readable): Promise<SpooledFile> {
    const { limitBytes } = this.settings.bankReports;
    const path = join(this.directory, `${process.pid}-${this.ids.newId()}`);
    const digest = createHash('sha256');
    let sizeBytes = 0;
    async function* counted(): AsyncGenerator<Buffer> {
      for await (const chunk of incoming as AsyncIterable<Buffer>) {
        sizeBytes += chunk.length;
        if (sizeBytes > limitBytes) throw tooLarge(limitBytes);
        digest.update(chunk);
        yield chunk;
      }
    }
    try {
      await pipeline(counted, createWriteStream(path, { mode: 0o600, flags: 'wx' }));
      if (sizeBytes === 0) throw Problem.refused('report-empty', 'There is nothing in the file.', 'file');
      return { path, sizeBytes, sha256: digest.digest() };
    } catch (error) {
      await this.remove({ path });
      throw error;
    }
  }

  async remove({ path }: Pick<SpooledFile, 'path'>): Promise<void> {
    await rm(path, { force: true });
  }
}

export function tooLarge(limitBytes: number): Problem {
  const megabytes = Math.floor(limitBytes / (1024 * 1024));
  return new Problem(
    413,
    'report-too-large',
    sentence('The file is larger than {megabytes} MB.', { megabytes }),
    'file',
  );
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
