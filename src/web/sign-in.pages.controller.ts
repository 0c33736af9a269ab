/** Signing in and out in a browser: password, code, and the link that lets somebody choose a password. */
import { Body, Controller, Get, Post, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Response } from 'express';
import { Public, type AuthenticatedRequest } from '../access/declarations.js';
import { SESSION_COOKIE } from '../access/csrf.js';
import { agentWords, PAGE_AT_STAGE, type SessionStage } from '../access/domain/session.js';
import { clearSessionCookie, setSessionCookie } from '../access/session-cookie.js';
import { SessionsService } from '../access/sessions.service.js';
import { SignInService } from '../access/sign-in/sign-in.service.js';
import { OneTimeLinksService } from '../access/users/one-time-links.service.js';
import { speakAsChosen } from './languages/language-of-request.js';
import { carriedIn, type Carried } from './carried.js';
import { t } from './languages/language.js';
import { refusalOf, secretIn, textIn, type Fault, type Sent } from './sent.js';

@ApiExcludeController()
@Controller()
@Public()
export class SignInPagesController {
  constructor(
    private readonly sessions: SessionsService,
    private readonly signIns: SignInService,
    private readonly links: OneTimeLinksService,
  ) {}

  @Get('sign-in')
  form(@Req() request: AuthenticatedRequest, @Res() response: Response): void {
    if (request.actor) response.redirect(303, '/');
    else response.render('sign-in', { email: '', faults: [] });
  }

  @Post('sign-in')
  async signIn(
    @Body() form: Sent | undefined,
    @Req() request: AuthenticatedRequest,
    @Res() response: Response,
  ): Promise<void> {
    const email = textIn(form, 'email');
    const password = secretIn(form, 'password');
    const missing = [
      ...(email === '' ? [{ text: t('Enter your e-mail address'), href: '#email' }] : []),
      ...(password === '' ? [{ text: t('Enter your password'), href: '#password' }] : []),
    ];
    const carried = carriedIn(form);
    if (missing.length > 0) return askAgain(response, 'sign-in', { status: 422, faults: missing }, { email, carried });
    try {
      const agent = agentWords(request.get('user-agent'));
      const signIn = { email, password, kind: 'browser', agent, ip: request.ip } as const;
      const { token, stage, language } = await this.signIns.signIn(signIn, request.requestId);
      setSessionCookie(request, response, token);
      speakAsChosen(request, response, language);
      if (!carried) return response.redirect(303, PAGE_AT_STAGE[stage]);
      carryOn(request, response, token, stage, carried);
    } catch (thrown) {
      askAgain(response, 'sign-in', refusalAt(thrown, 'email'), { email, carried });
    }
  }

  @Get('sign-in/code')
  codeForm(@Req() request: AuthenticatedRequest, @Res() response: Response): void {
    if (request.session?.stage !== 'second-factor') response.redirect(303, request.actor ? '/' : '/sign-in');
    else response.render('sign-in-code', { faults: [] });
  }

  @Post('sign-in/code')
  async giveCode(
    @Body() form: Sent | undefined,
    @Req() request: AuthenticatedRequest,
    @Res() response: Response,
  ): Promise<void> {
    if (request.session?.stage !== 'second-factor') return response.redirect(303, request.actor ? '/' : '/sign-in');
    const carried = carriedIn(form);
    try {
      const token = await this.signIns.giveCode(request.session, textIn(form, 'otp'), request.ip);
      setSessionCookie(request, response, token);
      if (!carried) return response.redirect(303, PAGE_AT_STAGE.open);
      carryOn(request, response, token, 'open', carried);
    } catch (thrown) {
      askAgain(response, 'sign-in-code', refusalAt(thrown, 'otp'), { carried });
    }
  }

  /** The code of the link stands after # and does not come here before the form is sent. */
  @Get('welcome')
  welcome(@Res() response: Response): void {
    response.render('welcome', { faults: [] });
  }

  @Post('welcome')
  async choosePassword(
    @Body() form: Sent | undefined,
    @Req() request: AuthenticatedRequest,
    @Res() response: Response,
  ): Promise<void> {
    const [code, password] = [textIn(form, 'code'), secretIn(form, 'password')];
    if (password !== secretIn(form, 'again')) {
      const faults = [{ text: t('The two passwords are not the same'), href: '#again' }];
      return askAgain(response, 'welcome', { status: 422, faults }, { code });
    }
    try {
      await this.links.redeem(code, password, request.requestId);
    } catch (thrown) {
      return askAgain(response, 'welcome', refusalAt(thrown, 'code'), { code });
    }
    clearSessionCookie(request, response);
    response.status(200).render('sign-in', { email: '', faults: [], isPasswordSet: true });
  }

  /** Open to whoever asks: with a session that has run out there is nothing to revoke, and the cookie still has to go. */
  @Post('sign-out')
  async signOut(@Req() request: AuthenticatedRequest, @Res() response: Response): Promise<void> {
    if (request.session) await this.sessions.signOut(request.session.actor, request.session.id);
    clearSessionCookie(request, response);
    response.redirect(303, '/sign-in');
  }
}

interface Refused {
  status: number;
  faults: Fault[];
  retryAfterSeconds?: number;
}

/** A refusal that names no field leads to this one: which of two secrets was wrong is not told. */
function refusalAt(thrown: unknown, field: string): Refused {
  const refusal = refusalOf(thrown);
  return { ...refusal, faults: refusal.faults.map((fault) => ({ href: `#${field}`, ...fault })) };
}

/** On to the code, or to the form that was typed before: under the new session, which the page's token has to be of. */
function carryOn(
  request: AuthenticatedRequest,
  response: Response,
  token: string,
  stage: SessionStage,
  carried: Carried,
): void {
  (request.cookies as Record<string, string>)[SESSION_COOKIE] = token;
  if (stage === 'second-factor') response.status(200).render('sign-in-code', { carried, faults: [] });
  else if (stage === 'open') response.status(200).render('carried', { carried });
  else response.redirect(303, PAGE_AT_STAGE[stage]);
}

function askAgain(
  response: Response,
  view: string,
  refused: Refused,
  typed: { email?: string; code?: string; carried?: Carried } = {},
): void {
  if (refused.retryAfterSeconds !== undefined) response.setHeader('retry-after', refused.retryAfterSeconds);
  response.status(refused.status).render(view, { ...typed, faults: refused.faults });
}
