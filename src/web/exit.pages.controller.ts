/** "Exit this page": ends the session and leads to a page that anybody may have open. Not asked twice, and open to whoever asks. */
import { Controller, Get, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Response } from 'express';
import { Public, type AuthenticatedRequest } from '../access/declarations.js';
import { clearSessionCookie } from '../access/session-cookie.js';
import { SessionsService } from '../access/sessions.service.js';
import { Settings } from '../kernel/settings.js';

@ApiExcludeController()
@Controller('exit')
@Public()
export class ExitPagesController {
  constructor(
    private readonly sessions: SessionsService,
    private readonly settings: Settings,
  ) {}

  /** A link and no form: a browser leaves by it at once, also when the form's token is old. All that another page can do with it is to sign somebody out. */
  @Get()
  async leave(@Req() request: AuthenticatedRequest, @Res() response: Response): Promise<void> {
    if (request.session) await this.sessions.signOut(request.session.actor, request.session.id);
    clearSessionCookie(request, response);
    response.redirect(303, this.settings.exitTo);
  }
}
