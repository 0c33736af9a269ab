/** Signing in and out in a browser. */
import { Body, Controller, Get, Post, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Response } from 'express';
import { Public, type AuthenticatedRequest } from '../access/declarations.js';
import { agentWords, PAGE_AT_STAGE } from '../access/domain/session.js';
import { clearSessionCookie, setSessionCookie } from '../access/session-cookie.js';
import { SessionsService } from '../access/sessions.service.js';
import { SignInService } from '../access/sign-in/sign-in.service.js';
import { refusalOf, textIn, type Fault, type Sent } from './sent.js';

/** One more than a password may have, so that what is cut off never makes a wrong one right. */
const LONGEST_PASSWORD = 201;

@ApiExcludeController()
@Controller()
@Public()
export class SignInPagesController {
  constructor(
    private readonly sessions: SessionsService,
    private readonly signIns: SignInService,
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
    const password = typeof form?.['password'] === 'string' ? form['password'].slice(0, LONGEST_PASSWORD) : '';
    const missing = [
      ...(email === '' ? [{ text: 'Enter your e-mail address', href: '#email' }] : []),
      ...(password === '' ? [{ text: 'Enter your password', href: '#password' }] : []),
    ];
    if (missing.length > 0) {
      this.askAgain(response, 422, email, missing);
      return;
    }
    try {
      const agent = agentWords(request.get('user-agent'));
      const { token, stage } = await this.signIns.signIn(
        { email, password, kind: 'browser', agent },
        request.requestId,
      );
      setSessionCookie(request, response, token);
      response.redirect(303, PAGE_AT_STAGE[stage]);
    } catch (thrown) {
      const { status, faults } = refusalOf(thrown);
      this.askAgain(
        response,
        status,
        email,
        faults.map(({ text }) => ({ text, href: '#email' })),
      );
    }
  }

  /** Open to whoever asks: with a session that has run out there is nothing to revoke, and the cookie still has to go. */
  @Post('sign-out')
  async signOut(@Req() request: AuthenticatedRequest, @Res() response: Response): Promise<void> {
    if (request.session) await this.sessions.signOut(request.session.actor, request.session.id);
    clearSessionCookie(request, response);
    response.redirect(303, '/sign-in');
  }

  private askAgain(response: Response, status: number, email: string, faults: Fault[]): void {
    response.status(status).render('sign-in', { email, faults });
  }
}
