/** Everybody's own account as pages: sessions, password, second factor, recovery codes, tokens for machines. */
import { Body, Controller, Get, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Response } from 'express';
import { Allow, CurrentActor, WhileEnrolling, type AuthenticatedRequest } from '../access/declarations.js';
import type { Actor } from '../access/domain/actor.js';
import { scopesFor } from '../access/domain/machine-scope.js';
import { MachineTokensService } from '../access/machine-tokens/machine-tokens.service.js';
import { notSignedIn } from '../access/refusals.js';
import { setSessionCookie } from '../access/session-cookie.js';
import { SessionsService, type HeldSession } from '../access/sessions.service.js';
import { OwnAccountService } from '../access/sign-in/own-account.service.js';
import { SecondFactorsService } from '../access/sign-in/second-factors.service.js';
import { secretDrawing, secretText } from '../access/sign-in/totp.js';
import { ConfirmationsService } from '../access/users/confirmations.service.js';
import { idOf } from './id-param.js';
import { t } from './languages/language.js';
import { addressWith, refusalOf, secretIn, textIn, textsIn, type Fault, type Sent } from './sent.js';

const DONE = ['password', 'session', 'elsewhere', 'token'];

@ApiExcludeController()
@Controller('account')
export class AccountPagesController {
  constructor(
    private readonly account: OwnAccountService,
    private readonly sessions: SessionsService,
    private readonly factors: SecondFactorsService,
    private readonly tokens: MachineTokensService,
    private readonly confirmations: ConfirmationsService,
  ) {}

  @Get()
  @Allow('account:own')
  async show(
    @CurrentActor() actor: Actor,
    @Query() query: Sent,
    @Req() request: AuthenticatedRequest,
    @Res() response: Response,
  ): Promise<void> {
    response.render('account', {
      account: await this.account.find(actor),
      sessions: await this.sessions.list(actor, request.session?.id),
      tokens: await this.tokens.list(actor),
      mayMakeTokens: scopesFor(actor.permissions).length > 0,
      done: DONE.find((done) => done === textIn(query, 'done')),
    });
  }

  @Post('sessions/:id/end')
  @Allow('account:own')
  async endSession(
    @CurrentActor() actor: Actor,
    @Param('id', idOf('session')) id: string,
    @Res() response: Response,
  ): Promise<void> {
    await this.sessions.revokeOwn(actor, id);
    response.redirect(303, addressWith('/account', { done: 'session' }));
  }

  @Post('sign-out-elsewhere')
  @Allow('account:own')
  async signOutElsewhere(
    @CurrentActor() actor: Actor,
    @Req() request: AuthenticatedRequest,
    @Res() response: Response,
  ): Promise<void> {
    await this.sessions.revokeOthers(actor, request.session?.id);
    response.redirect(303, addressWith('/account', { done: 'elsewhere' }));
  }

  @Get('password')
  @Allow('account:own')
  passwordForm(@Res() response: Response): void {
    response.render('account-password', { faults: [] });
  }

  @Post('password')
  @Allow('account:own')
  async changePassword(
    @CurrentActor() actor: Actor,
    @Body() form: Sent | undefined,
    @Req() request: AuthenticatedRequest,
    @Res() response: Response,
  ): Promise<void> {
    const next = secretIn(form, 'password');
    const again = (status: number, faults: Fault[]) => response.status(status).render('account-password', { faults });
    if (next !== secretIn(form, 'again'))
      return again(422, [{ text: t('The two passwords are not the same'), href: '#again' }]);
    try {
      const passwords = { present: secretIn(form, 'present'), next };
      await this.account.changePassword(actor, sessionOf(request), passwords, request.ip);
    } catch (thrown) {
      const { status, faults } = refusalOf(thrown);
      return again(status, faults);
    }
    response.redirect(303, addressWith('/account', { done: 'password' }));
  }

  @Get('second-factor')
  @Allow('account:own')
  @WhileEnrolling()
  async secondFactorForm(
    @CurrentActor() actor: Actor,
    @Req() request: AuthenticatedRequest,
    @Res() response: Response,
  ): Promise<void> {
    await this.offer(actor, sessionOf(request), response, []);
  }

  @Post('second-factor')
  @Allow('account:own')
  @WhileEnrolling()
  async setUpSecondFactor(
    @CurrentActor() actor: Actor,
    @Body() form: Sent | undefined,
    @Req() request: AuthenticatedRequest,
    @Res() response: Response,
  ): Promise<void> {
    try {
      const codes = { code: textIn(form, 'code'), present: textIn(form, 'otp') };
      const { token, recoveryCodes } = await this.account.setUpSecondFactor(
        actor,
        sessionOf(request),
        codes,
        request.ip,
      );
      if (token) setSessionCookie(request, response, token);
      showCodes(response, recoveryCodes);
    } catch (thrown) {
      const { status, faults } = refusalOf(thrown);
      response.status(status);
      await this.offer(actor, sessionOf(request), response, faults);
    }
  }

  /** Where somebody is led who does nothing until another administrator has confirmed that it is they. */
  @Get('confirmation')
  @Allow('account:own')
  async confirmation(@CurrentActor() actor: Actor, @Res() response: Response): Promise<void> {
    const awaited = await this.confirmations.own(actor);
    if (awaited.length === 0) response.redirect(303, '/');
    else response.render('account-confirmation', { awaited });
  }

  @Get('recovery-codes')
  @Allow('account:own')
  recoveryCodesForm(@Res() response: Response): void {
    response.render('account-recovery-codes', { faults: [] });
  }

  @Post('recovery-codes')
  @Allow('account:own')
  async makeRecoveryCodes(
    @CurrentActor() actor: Actor,
    @Body() form: Sent | undefined,
    @Req() request: AuthenticatedRequest,
    @Res() response: Response,
  ): Promise<void> {
    try {
      showCodes(response, await this.account.makeRecoveryCodes(actor, textIn(form, 'otp'), request.ip));
    } catch (thrown) {
      const { status, faults } = refusalOf(thrown);
      response.status(status).render('account-recovery-codes', { faults });
    }
  }

  @Get('tokens')
  @Allow('account:own')
  tokenForm(@CurrentActor() actor: Actor, @Res() response: Response): void {
    response.render('account-token', { scopes: scopesFor(actor.permissions), days: '90', chosen: [], faults: [] });
  }

  @Post('tokens')
  @Allow('account:own')
  async makeToken(
    @CurrentActor() actor: Actor,
    @Body() form: Sent | undefined,
    @Res() response: Response,
  ): Promise<void> {
    const [name, days, chosen] = [textIn(form, 'name', 80), textIn(form, 'days'), textsIn(form, 'scope')];
    try {
      const { token } = await this.tokens.make(actor, { name, days: Number(days), scope: chosen });
      response.status(200).render('shown-once', { kind: 'token', token, sentAs: 'Authorization: Bearer' });
    } catch (thrown) {
      const { status, faults } = refusalOf(thrown);
      const scopes = scopesFor(actor.permissions);
      response.status(status).render('account-token', { scopes, name, days, chosen, faults });
    }
  }

  @Post('tokens/:id/revoke')
  @Allow('account:own')
  async revokeToken(
    @CurrentActor() actor: Actor,
    @Param('id', idOf('token')) id: string,
    @Res() response: Response,
  ): Promise<void> {
    await this.tokens.revokeOwn(actor, id);
    response.redirect(303, addressWith('/account', { done: 'token' }));
  }

  private async offer(actor: Actor, session: HeldSession, response: Response, faults: Fault[]): Promise<void> {
    const { email, hasSecondFactor } = await this.account.find(actor);
    const secret = await this.factors.offer(actor, session);
    response.render('account-second-factor', {
      isReplacing: hasSecondFactor,
      secret: secretText(secret),
      drawing: secretDrawing(secret, email),
      faults,
    });
  }
}

function sessionOf(request: AuthenticatedRequest): HeldSession {
  if (!request.session) throw notSignedIn();
  return request.session;
}

function showCodes(response: Response, recoveryCodes: readonly string[]): void {
  response.status(200).render('shown-once', { kind: 'recovery-codes', recoveryCodes });
}
