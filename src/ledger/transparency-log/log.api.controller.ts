/**
 * The log over the API. Checkpoint and tiles are for everybody, at the paths of C2SP tlog-tiles: they say nothing of anyone. What opens a
 * leaf is for auditors.
 */
import { Controller, Get, Header, Param, Req, Res } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { Allow, CurrentActor, Public } from '../../access/declarations.js';
import type { Actor } from '../../access/domain/actor.js';
import { Problem } from '../../kernel/domain/problem.js';
import { IdPipe } from '../../kernel/http/id.js';
import { TILE_WIDTH } from './domain/merkle-hash.js';
import { parseTilePath } from './domain/tile-path.js';
import { LogReader, type ProofOfEntry } from './log-reader.service.js';

@ApiTags('ledger')
@Controller('api/v1/ledger')
export class LogApiController {
  constructor(private readonly log: LogReader) {}

  @Get('checkpoint')
  @Public()
  @Header('content-type', 'text/plain; charset=utf-8')
  @ApiOperation({
    summary: 'The latest checkpoint of the transparency log: a signed note with the cosignatures of witnesses',
  })
  async checkpoint(): Promise<string> {
    return (await this.log.latest()).note;
  }

  @Get('tile/*path')
  @Public()
  @ApiOperation({ summary: 'A tile of the log: up to 256 hashes of 32 bytes, as C2SP tlog-tiles lays them out' })
  async tile(@Req() request: Request, @Res() response: Response): Promise<void> {
    const path = parseTilePath(request.path.slice(request.path.indexOf('/tile/') + 1));
    if (!path) throw Problem.notFound('tile');
    const width = path.width ?? TILE_WIDTH;
    const hashes = await this.log.tile(path, width);
    response
      .setHeader('cache-control', 'public, max-age=31536000, immutable')
      .type('application/octet-stream')
      .send(hashes);
  }

  @Get('proofs/:entry')
  @Allow('audit:read')
  @ApiOperation({
    summary: 'Where an entry stands in the log, what opens it for an auditor, and the proof that it is there',
  })
  proof(@CurrentActor() actor: Actor, @Param('entry', IdPipe) entry: string): Promise<ProofOfEntry> {
    return this.log.proofOfEntry(actor, entry);
  }
}
