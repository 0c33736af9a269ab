/** Unbinding somebody from their account at the organisation's own sign-in. */
import { Controller, Delete, HttpCode, Param } from '@nestjs/common';
import { ApiOperation, ApiTags } from '@nestjs/swagger';
import { IdPipe } from '../../kernel/http/id.js';
import { Allow, CurrentActor } from '../declarations.js';
import type { Actor } from '../domain/actor.js';
import { ExternalIdentities } from './external-identities.service.js';

@ApiTags('users')
@Controller('api/v1/users')
export class ExternalIdentitiesApiController {
  constructor(private readonly identities: ExternalIdentities) {}

  @Delete(':id/external-identity')
  @Allow('users:manage')
  @HttpCode(204)
  @ApiOperation({
    summary:
      'Forget which account of the organisation is theirs: the next one with their verified address is bound anew',
  })
  async unbind(@CurrentActor() actor: Actor, @Param('id', IdPipe) id: string): Promise<void> {
    await this.identities.unbind(actor, id);
  }
}
