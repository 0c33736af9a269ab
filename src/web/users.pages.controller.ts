/** Users as pages, for whoever administers them: invite, roles, team, and what somebody does who is locked out. */
import { Body, Controller, Get, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Response } from 'express';
import { Allow, CurrentActor, type AuthenticatedRequest } from '../access/declarations.js';
import { roleNames, type Actor, type Role } from '../access/domain/actor.js';
import { MachineTokensService } from '../access/machine-tokens/machine-tokens.service.js';
import { ConfirmationsService } from '../access/users/confirmations.service.js';
import { TeamsService } from '../access/users/teams.service.js';
import { UserAdministrationService } from '../access/users/user-administration.service.js';
import { UserDirectoryService } from '../access/users/user-directory.service.js';
import { Problem } from '../kernel/domain/problem.js';
import { isId } from '../kernel/ids.js';
import { idOf } from './id-param.js';
import { addressWith, refusalOf, textIn, textsIn, type Sent } from './sent.js';

const USERS_A_PAGE = 100;
const DONE = [
  'confirmation',
  'roles',
  'team',
  'disable',
  'enable',
  'reset-second-factor',
  'lift-lock-out',
  'revoke-sessions',
  'token',
];

@ApiExcludeController()
@Controller('users')
@Allow('users:manage')
export class UsersPagesController {
  constructor(
    private readonly directory: UserDirectoryService,
    private readonly administration: UserAdministrationService,
    private readonly teams: TeamsService,
    private readonly tokens: MachineTokensService,
    private readonly confirmations: ConfirmationsService,
  ) {}

  @Get()
  async list(@CurrentActor() actor: Actor, @Query() query: Sent, @Res() response: Response): Promise<void> {
    const after = textIn(query, 'after');
    const { items, next } = await this.directory.list(actor, {
      after: isId(after) ? after : undefined,
      limit: USERS_A_PAGE,
    });
    response.render('users', {
      users: items,
      teams: await this.teams.list(actor),
      nextPage: next && addressWith('/users', { after: next }),
    });
  }

  @Get('invite')
  async invitation(@CurrentActor() actor: Actor, @Res() response: Response): Promise<void> {
    response.render('user-invite', { ...(await this.choices(actor)), chosen: [], faults: [] });
  }

  @Post('invite')
  async invite(
    @CurrentActor() actor: Actor,
    @Body() form: Sent | undefined,
    @Req() request: AuthenticatedRequest,
    @Res() response: Response,
  ): Promise<void> {
    const chosen = textsIn(form, 'roles');
    const typed = { email: textIn(form, 'email'), displayName: textIn(form, 'displayName', 120) };
    const team = textIn(form, 'team');
    try {
      if (typed.displayName === '') throw Problem.refused('missing', 'Enter the name.', 'displayName');
      const invited = await this.administration.invite(actor, {
        ...typed,
        roles: chosen as Role[],
        team: isId(team) ? team : undefined,
      });
      showLink(request, response, 'invitation', invited);
    } catch (thrown) {
      const { status, faults } = refusalOf(thrown);
      response.status(status).render('user-invite', { ...(await this.choices(actor)), ...typed, team, chosen, faults });
    }
  }

  @Post('teams')
  async openTeam(
    @CurrentActor() actor: Actor,
    @Body() form: Sent | undefined,
    @Res() response: Response,
  ): Promise<void> {
    const name = textIn(form, 'name', 80);
    try {
      await this.teams.open(actor, { name });
    } catch (thrown) {
      const { status, faults } = refusalOf(thrown);
      const { items } = await this.directory.list(actor, { limit: USERS_A_PAGE });
      response.status(status).render('users', { users: items, teams: await this.teams.list(actor), name, faults });
      return;
    }
    response.redirect(303, '/users');
  }

  @Get(':id')
  async show(
    @CurrentActor() actor: Actor,
    @Param('id', idOf('user')) id: string,
    @Query() query: Sent,
    @Res() response: Response,
  ): Promise<void> {
    const done = DONE.find((one) => one === textIn(query, 'done'));
    response.render('user', { ...(await this.page(actor, id)), done, faults: [] });
  }

  @Post(':id/confirmation')
  async confirm(
    @CurrentActor() actor: Actor,
    @Param('id', idOf('user')) id: string,
    @Body() form: Sent | undefined,
    @Res() response: Response,
  ): Promise<void> {
    const shown = textsIn(form, 'awaited').filter(isId);
    await this.change(actor, id, response, 'confirmation', () => this.confirmations.confirm(actor, id, shown));
  }

  @Post(':id/roles')
  async setRoles(
    @CurrentActor() actor: Actor,
    @Param('id', idOf('user')) id: string,
    @Body() form: Sent | undefined,
    @Res() response: Response,
  ): Promise<void> {
    await this.change(actor, id, response, 'roles', () =>
      this.administration.setRoles(actor, id, textsIn(form, 'roles') as Role[]),
    );
  }

  @Post(':id/team')
  async move(
    @CurrentActor() actor: Actor,
    @Param('id', idOf('user')) id: string,
    @Body() form: Sent | undefined,
    @Res() response: Response,
  ): Promise<void> {
    const team = textIn(form, 'team');
    if (!isId(team)) throw Problem.notFound('team', 'team');
    await this.change(actor, id, response, 'team', () => this.administration.moveToTeam(actor, id, team));
  }

  @Post(':id/disable')
  async disable(
    @CurrentActor() actor: Actor,
    @Param('id', idOf('user')) id: string,
    @Res() response: Response,
  ): Promise<void> {
    await this.change(actor, id, response, 'disable', () => this.administration.disable(actor, id));
  }

  @Post(':id/enable')
  async enable(
    @CurrentActor() actor: Actor,
    @Param('id', idOf('user')) id: string,
    @Res() response: Response,
  ): Promise<void> {
    await this.change(actor, id, response, 'enable', () => this.administration.enable(actor, id));
  }

  @Post(':id/reset-link')
  async makeResetLink(
    @CurrentActor() actor: Actor,
    @Param('id', idOf('user')) id: string,
    @Req() request: AuthenticatedRequest,
    @Res() response: Response,
  ): Promise<void> {
    try {
      showLink(request, response, 'reset', await this.administration.makeResetLink(actor, id));
    } catch (thrown) {
      const { status, faults } = refusalOf(thrown);
      response.status(status).render('user', { ...(await this.page(actor, id)), faults });
    }
  }

  @Post(':id/reset-second-factor')
  async resetSecondFactor(
    @CurrentActor() actor: Actor,
    @Param('id', idOf('user')) id: string,
    @Res() response: Response,
  ): Promise<void> {
    await this.change(actor, id, response, 'reset-second-factor', () =>
      this.administration.resetSecondFactor(actor, id),
    );
  }

  @Post(':id/lift-lock-out')
  async liftLockOut(
    @CurrentActor() actor: Actor,
    @Param('id', idOf('user')) id: string,
    @Res() response: Response,
  ): Promise<void> {
    await this.change(actor, id, response, 'lift-lock-out', () => this.administration.liftLockOut(actor, id));
  }

  @Post(':id/revoke-sessions')
  async revokeSessions(
    @CurrentActor() actor: Actor,
    @Param('id', idOf('user')) id: string,
    @Res() response: Response,
  ): Promise<void> {
    await this.change(actor, id, response, 'revoke-sessions', () => this.administration.revokeSessions(actor, id));
  }

  @Post(':id/tokens/:token/revoke')
  async revokeToken(
    @CurrentActor() actor: Actor,
    @Param('id', idOf('user')) id: string,
    @Param('token', idOf('token')) token: string,
    @Res() response: Response,
  ): Promise<void> {
    await this.change(actor, id, response, 'token', () => this.tokens.revokeOf(actor, id, token));
  }

  /** Changes something and leads back to the user; or shows the user again with what was refused and why. */
  private async change(
    actor: Actor,
    id: string,
    response: Response,
    done: string,
    changing: () => Promise<void>,
  ): Promise<void> {
    try {
      await changing();
    } catch (thrown) {
      const { status, faults } = refusalOf(thrown);
      response.status(status).render('user', { ...(await this.page(actor, id)), faults });
      return;
    }
    response.redirect(303, addressWith(`/users/${id}`, { done }));
  }

  private async page(actor: Actor, id: string) {
    return {
      ...(await this.choices(actor)),
      user: await this.directory.find(actor, id),
      tokens: await this.tokens.listOf(actor, id),
      isOwn: actor.userId === id,
    };
  }

  private async choices(actor: Actor) {
    return { teams: await this.teams.list(actor), roleNames };
  }
}

/** The whole address, so that it can be handed over as it is; it is not kept anywhere. */
function showLink(
  request: AuthenticatedRequest,
  response: Response,
  kind: 'invitation' | 'reset',
  { link, expiresAt }: { link: string; expiresAt: string },
): void {
  response
    .status(200)
    .render('shown-once', { kind, link: `${request.protocol}://${request.get('host') ?? ''}${link}`, expiresAt });
}
