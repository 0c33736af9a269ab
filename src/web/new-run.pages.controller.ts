/** Preparing a run as a page: first a look at what it would be, then the run itself is asked for, which a job prepares. */
import { Body, Controller, Get, Post, Query, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Response } from 'express';
import { Allow, CurrentActor } from '../access/declarations.js';
import type { Actor } from '../access/domain/actor.js';
import { Clock } from '../kernel/clock.js';
import { isId, Ids } from '../kernel/ids.js';
import { countries } from '../kernel/reference-data.js';
import { Settings } from '../kernel/settings.js';
import { RunPreparationService } from '../transfers/run-preparation.service.js';
import { RunRequestsService } from '../transfers/run-requests.service.js';
import { TransfersService } from '../transfers/transfers.service.js';
import { totalsByCurrency } from './run-signing.js';
import { warningsWithClients } from './run-warnings.js';
import { refusalOf, textIn, type Fault, type Sent } from './sent.js';
import { countryName } from './wording.js';

const countryChoices = () => [
  { value: '', text: countryName(null) },
  ...countries.map(({ code }) => ({ value: code, text: countryName(code) })),
];

@ApiExcludeController()
@Controller('runs')
export class NewRunPagesController {
  constructor(
    private readonly clock: Clock,
    private readonly ids: Ids,
    private readonly settings: Settings,
    private readonly preparation: RunPreparationService,
    private readonly requests: RunRequestsService,
    private readonly transfers: TransfersService,
  ) {}

  @Get('new')
  @Allow('runs:prepare')
  async show(@CurrentActor() actor: Actor, @Query() query: Sent, @Res() response: Response): Promise<void> {
    const chosen = this.chosenIn(query);
    const look = textIn(query, 'look') === 'yes';
    try {
      response.render('run-new', this.page(chosen, look ? await this.look(actor, chosen) : null));
    } catch (thrown) {
      const { status, faults } = refusalOf(thrown);
      response.status(status).render('run-new', this.page(chosen, null, faults));
    }
  }

  @Post()
  @Allow('runs:prepare')
  async prepare(@CurrentActor() actor: Actor, @Body() form: Sent, @Res() response: Response): Promise<void> {
    const chosen = this.chosenIn(form);
    const id = textIn(form, 'id');
    try {
      // Made with the form, so that sending it twice makes one run.
      const run = isId(id) ? id : this.ids.newId();
      await this.requests.ask(actor, { id: run, ...inputOf(chosen) });
      response.redirect(303, `/runs/${run}`);
    } catch (thrown) {
      const { status, faults } = refusalOf(thrown);
      response.status(status).render('run-new', this.page(chosen, null, faults));
    }
  }

  private async look(actor: Actor, chosen: Chosen): Promise<object> {
    const preview = await this.preparation.preview(actor, inputOf(chosen));
    const warnings = await warningsWithClients(actor, this.transfers, preview.warnings);
    return { ...preview, sums: totalsByCurrency(preview), warnings };
  }

  private chosenIn(sent: Sent): Chosen {
    return {
      dueThrough: textIn(sent, 'dueThrough') || this.clock.today(this.settings.timeZone),
      country: textIn(sent, 'country'),
      catchUp: textIn(sent, 'catchUp') === 'yes',
    };
  }

  private page(chosen: Chosen, preview: object | null, faults: Fault[] = []) {
    return { chosen, countries: countryChoices(), preview, faults, newId: this.ids.newId() };
  }
}

interface Chosen {
  dueThrough: string;
  country: string;
  catchUp: boolean;
}

const inputOf = ({ dueThrough, country, catchUp }: Chosen) => ({
  dueThrough,
  ...(country ? { country } : {}),
  ...(catchUp ? { catchUp } : {}),
});
