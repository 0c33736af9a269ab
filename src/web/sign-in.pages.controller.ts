/** Signing in and out in a browser. */
import { Body, Controller, Get, Post, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Response } from 'express';
import { SESSION_COOKIE } from '../access/csrf.js';
import { Public, type AuthenticatedRequest } from '../access/declarations.js';
import { SessionsService } from '../access/sessions.service.js';
import { refusalOf, textIn, type Fault, type Sent } from './sent.js';

/** One more than a password may have, so that what is cut off never makes a wrong one right. */
const LONGEST_PASSWORD = 201;

@ApiExcludeController()
@Controller()
@Public()
export class SignInPagesController {
  constructor(private readonly sessions: SessionsService) {}

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
      const { token } = await this.sessions.signIn(email, password, request.requestId);
      // No date of expiry: the browser forgets it when it is closed, the service after its own hours.
      response.cookie(SESSION_COOKIE, token, { httpOnly: true, sameSite: 'lax', path: '/', secure: request.secure });
      response.redirect(303, '/');
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
    if (request.actor && request.sessionToken) await this.sessions.signOut(request.actor, request.sessionToken);
    response.clearCookie(SESSION_COOKIE, { path: '/' });
    response.redirect(303, '/sign-in');
  }

  private askAgain(response: Response, status: number, email: string, faults: Fault[]): void {
    response.status(status).render('sign-in', { email, faults });
  }
}
