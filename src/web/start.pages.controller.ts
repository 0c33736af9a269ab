/** The start page. */
import { Controller, Get, Render } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { Allow, CurrentActor } from '../access/declarations.js';
import type { Actor } from '../access/domain/actor.js';
import { StartPage } from './start-page.js';

@ApiExcludeController()
@Controller()
export class StartPagesController {
  constructor(private readonly startPage: StartPage) {}

  @Get()
  @Allow('catalogue:read')
  @Render('start')
  start(@CurrentActor() actor: Actor) {
    return this.startPage.for(actor);
  }
}
