/** Clients as pages, by their codes: the list within reach, and one case file without identity. Nothing here writes. */
import { Controller, Get, Param, Query, Render } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { Allow, CurrentActor } from '../access/declarations.js';
import type { Actor, Permission } from '../access/domain/actor.js';
import { ClientsService } from '../clients/clients.service.js';
import { ConsentsService } from '../clients/consents.service.js';
import { DuplicatesService } from '../clients/matching/duplicates.service.js';
import { needsCatalogue } from '../needs/catalogue.js';
import { NeedsService } from '../needs/needs.service.js';
import { PlansService } from '../plans/plans.service.js';
import { TransfersService } from '../transfers/transfers.service.js';
import { addressWith, textIn, type Sent } from './sent.js';

const CLIENTS_A_PAGE = 50;

/** What can be done with a case file beside reading it, by who may. */
const RIGHTS: readonly { path: string; text: string; permission: Permission }[] = [
  { path: 'identity', text: 'Who they are (the reading is recorded)', permission: 'identity:read' },
];

const needLabels = new Map(needsCatalogue.needs.map(({ code, label }) => [code, label]));
const labelOf = (need: string) => needLabels.get(need) ?? need;

@ApiExcludeController()
@Controller('clients')
export class ClientsPagesController {
  constructor(
    private readonly clients: ClientsService,
    private readonly consents: ConsentsService,
    private readonly duplicates: DuplicatesService,
    private readonly needs: NeedsService,
    private readonly plans: PlansService,
    private readonly transfers: TransfersService,
  ) {}

  @Get()
  @Allow('clients:read')
  @Render('clients')
  async list(@CurrentActor() actor: Actor, @Query() query: Sent) {
    const { items, next } = await this.clients.list(actor, {
      after: textIn(query, 'after') || undefined,
      limit: CLIENTS_A_PAGE,
    });
    return {
      clients: items,
      areAll: actor.permissions.has('clients:read-team'),
      nextPage: next && addressWith('/clients', { after: next }),
    };
  }

  @Get(':code')
  @Allow('clients:read')
  @Render('client')
  async show(@CurrentActor() actor: Actor, @Param('code') code: string) {
    const client = await this.clients.find(actor, code);
    const assessment = await this.needs.latestAssessment(actor, code);
    const plans = await this.plans.ofClient(actor, code);
    return {
      client,
      rights: RIGHTS.filter(({ permission }) => actor.permissions.has(permission)),
      consents: await this.consents.ofClient(client),
      possibleDuplicate: await this.duplicates.notice(actor, client),
      transfers: await this.transfers.ofClient(actor, code),
      assessment: assessment && {
        assessedOn: assessment.assessedOn,
        priorities: assessment.highestPriorities.map((need) => ({
          label: labelOf(need),
          words: assessment.interpretations[need] ?? null,
        })),
      },
      plans: plans.map((plan) => ({
        ...plan,
        items: plan.items.map((item) => ({
          ...item,
          needLabel: labelOf(item.need),
          told: plan.tracking.flatMap(({ toldOn, items }) =>
            items.filter((tracked) => tracked.item === item.item).map((tracked) => ({ ...tracked, toldOn })),
          ),
        })),
      })),
    };
  }
}
