/** What the script of waiting forms asks for: a page for when there is no connection, and a fresh token when the page's own has aged. */
import { Controller, Get, Render, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Response } from 'express';
import { Csrf } from '../../access/csrf.js';
import { Allow, Public, type AuthenticatedRequest } from '../../access/declarations.js';
import { notSignedIn } from '../../access/refusals.js';
import { DeviceForms } from './device-forms.js';

@ApiExcludeController()
@Controller()
export class DeviceFormsPagesController {
  constructor(
    private readonly csrf: Csrf,
    private readonly forms: DeviceForms,
  ) {}

  /** Kept by browsers for later, so that it says nothing of who asked for it. */
  @Get('offline')
  @Public()
  @Render('offline')
  withoutConnection() {
    return {};
  }

  @Get('fresh-token')
  @Allow('needs:record', 'plans:record', 'notes:write')
  freshToken(@Req() request: AuthenticatedRequest, @Res() response: Response): void {
    if (!request.actor) throw notSignedIn();
    response.json({ token: this.csrf.tokenFor(request, response), owner: this.forms.ownerOf(request.actor) });
  }
}
