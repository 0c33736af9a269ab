/** Signing in with the organisation's own account: there and back again. */
import { Controller, Get, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Response } from 'express';
import { cookieOf } from '../access/csrf.js';
import { Public, type AuthenticatedRequest } from '../access/declarations.js';
import { agentWords, PAGE_AT_STAGE } from '../access/domain/session.js';
import { REQUEST_MINUTES } from '../access/openid-connect/openid-requests.js';
import { OpenIdSignIn } from '../access/openid-connect/openid-sign-in.service.js';
import { setSessionCookie } from '../access/session-cookie.js';
import { Problem } from '../kernel/domain/problem.js';
import { Settings } from '../kernel/settings.js';
import { speakAsChosen } from './languages/language-of-request.js';
import { faultOf } from './sent.js';

const KEPT_COOKIE = 'uct_openid';
const PATH = '/sign-in/openid';

@ApiExcludeController()
@Controller('sign-in/openid')
@Public()
export class OpenIdPagesController {
  constructor(
    private readonly openId: OpenIdSignIn,
    private readonly settings: Settings,
  ) {}

  @Get()
  async begin(@Req() request: AuthenticatedRequest, @Res() response: Response): Promise<void> {
    if (request.actor) return response.redirect(303, '/');
    await this.orAskAgain(response, async () => {
      const { address, kept } = await this.openId.begin();
      response.cookie(KEPT_COOKIE, kept, { ...this.keptIn(), maxAge: REQUEST_MINUTES * 60_000 });
      response.redirect(303, address);
    });
  }

  /** Nothing of what the provider says is shown, and nothing that it sends leads anywhere but to our start page. */
  @Get('callback')
  async finish(@Req() request: AuthenticatedRequest, @Res() response: Response): Promise<void> {
    const kept = cookieOf(request, KEPT_COOKIE);
    response.clearCookie(KEPT_COOKIE, this.keptIn());
    await this.orAskAgain(response, async () => {
      const query = new URL(request.originalUrl, 'http://localhost').searchParams;
      const answer = { query, kept, agent: agentWords(request.get('user-agent')) };
      const { token, stage, language } = await this.openId.finish(answer, request.requestId);
      setSessionCookie(request, response, token);
      speakAsChosen(request, response, language);
      response.redirect(303, PAGE_AT_STAGE[stage]);
    });
  }

  private async orAskAgain(response: Response, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof Problem) || ![401, 503].includes(error.status)) throw error;
      if (error.retryAfterSeconds) response.setHeader('retry-after', error.retryAfterSeconds);
      response.status(error.status).render('sign-in', { email: '', faults: [faultOf(error)] });
    }
  }

  /** Lax: the browser comes back from another site, and has to bring it. */
  private keptIn() {
    const secure = this.settings.openId?.publicUrl.startsWith('https:') ?? true;
    return { path: PATH, httpOnly: true, sameSite: 'lax', secure } as const;
  }
}
