/** The needs interview as pages: all needs on one page or one category a page, kept as it goes, looked at as a whole, saved once. */
import { Body, Controller, Get, Param, Post, Query, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Response } from 'express';
import { Allow, CurrentActor } from '../access/declarations.js';
import type { Actor } from '../access/domain/actor.js';
import { Ids, isId } from '../kernel/ids.js';
import { needsCatalogue } from '../needs/catalogue.js';
import { notRanked, type FilledIn } from '../needs/domain/interview-draft.js';
import { InterviewDraftsService } from '../needs/interview-drafts.service.js';
import { NeedsService } from '../needs/needs.service.js';
import { interviewCategories, typedInterview, type TypedInterview } from './interview-form.js';
import { comparison } from './interview-comparison.js';
import { t } from './languages/language.js';
import { addressWith, refusal, textIn, type Fault, type Sent } from './sent.js';

/** As many as are offered to be compared. */
const ASSESSMENTS_SHOWN = 10;

@ApiExcludeController()
@Controller('clients/:code')
export class InterviewPagesController {
  constructor(
    private readonly ids: Ids,
    private readonly drafts: InterviewDraftsService,
    private readonly needs: NeedsService,
  ) {}

  @Get('interview')
  @Allow('needs:record')
  async form(
    @CurrentActor() actor: Actor,
    @Param('code') code: string,
    @Query() query: Sent,
    @Res() response: Response,
  ): Promise<void> {
    const category = categoryIn(query);
    response.render('interview', await this.page(actor, code, category, textIn(query, 'done')));
  }

  @Post('interview')
  @Allow('needs:record')
  async keep(
    @CurrentActor() actor: Actor,
    @Param('code') code: string,
    @Body() form: Sent,
    @Res() response: Response,
  ): Promise<void> {
    const typed = typedInterview(form);
    const category = categoryIn(form);
    const go = textIn(form, 'go');
    let isSaved = false;
    const refused = await refusal(typed.faults, async () => {
      const by = { id: idIn(form), since: sinceIn(form), isWhole: go === 'save' };
      const draft = await this.drafts.keep(actor, code, typed.filledIn, by);
      if (draft && go === 'save') await this.drafts.save(actor, code, draft.id);
      isSaved = draft === null || go === 'save';
    });
    if (refused) {
      const { status, faults } = refused;
      response.status(status).render('interview', await this.page(actor, code, category, '', { ...typed, faults }));
    } else response.redirect(303, isSaved ? savedAt(code) : whereTo(code, category, go));
  }

  @Get('interview/review')
  @Allow('needs:record')
  async review(@CurrentActor() actor: Actor, @Param('code') code: string, @Res() response: Response): Promise<void> {
    const draft = await this.drafts.find(actor, code);
    if (!draft) return response.redirect(303, `/clients/${code}/interview`);
    await this.renderReview(actor, code, response, []);
  }

  @Post('interview/save')
  @Allow('needs:record')
  async save(
    @CurrentActor() actor: Actor,
    @Param('code') code: string,
    @Body() form: Sent,
    @Res() response: Response,
  ): Promise<void> {
    const refused = await refusal([], () => this.drafts.save(actor, code, textIn(form, 'id', 36)));
    if (refused) {
      response.status(refused.status);
      await this.renderReview(actor, code, response, refused.faults);
    } else response.redirect(303, savedAt(code));
  }

  @Post('interview/discard')
  @Allow('needs:record')
  async discard(@CurrentActor() actor: Actor, @Param('code') code: string, @Res() response: Response): Promise<void> {
    await this.drafts.discard(actor, code);
    response.redirect(303, addressWith(`/clients/${code}`, { done: 'interview-discarded' }));
  }

  @Get('interviews')
  @Allow('words:read')
  async compare(
    @CurrentActor() actor: Actor,
    @Param('code') code: string,
    @Query() query: Sent,
    @Res() response: Response,
  ): Promise<void> {
    const assessments = await this.needs.assessments(actor, code, ASSESSMENTS_SHOWN);
    const [latest, before] = assessments;
    const chosen = (name: string) => assessments.find(({ id }) => id === textIn(query, name, 36));
    const [one, other] = [chosen('with') ?? before, chosen('of') ?? latest];
    response.render('interviews', {
      code,
      assessments,
      latest: other,
      before: one,
      categories: other ? comparison(needsCatalogue, one ?? null, other) : [],
    });
  }

  private async renderReview(actor: Actor, code: string, response: Response, faults: Fault[]): Promise<void> {
    const draft = await this.drafts.find(actor, code);
    const [before] = await this.needs.assessments(actor, code, 1);
    response.render('interview-review', {
      code,
      draft,
      before: before ?? null,
      missing: draft
        ? needsCatalogue.needs.filter(({ code: need }) => notRanked(needsCatalogue, draft).includes(need))
        : needsCatalogue.needs,
      categories: draft
        ? comparison(needsCatalogue, before ?? null, { ranks: draft.ranks, interpretations: draft.words })
        : [],
      // What is wrong is mended where it was filled in.
      faults: faults.map(({ text, href }) => ({ text, href: href && `/clients/${code}/interview${href}` })),
    });
  }

  private async page(
    actor: Actor,
    code: string,
    category: string | undefined,
    done: string,
    refused?: TypedInterview & { faults: Fault[] },
  ) {
    const draft = await this.drafts.find(actor, code);
    const [before] = await this.needs.assessments(actor, code, 1);
    const filledIn: FilledIn = refused?.filledIn ?? { ranks: {}, words: {} };
    return {
      code,
      category,
      done,
      draft,
      id: draft?.id ?? this.ids.newId(),
      before: before ?? null,
      assessedOn: refused?.filledIn.assessedOn ?? draft?.assessedOn ?? '',
      ...interviewCategories({ category, draft, before: before ?? null, filledIn }),
      faults: refused?.faults ?? [],
      otherWay: category ? t('All needs on one page') : t('One category at a time'),
    };
  }
}

const savedAt = (code: string) => addressWith(`/clients/${code}`, { done: 'interview' });

/** What was kept when the page was made; undefined where the form does not say. */
const sinceIn = (form: Sent) => (form['since'] === undefined ? undefined : textIn(form, 'since', 40));

/** Made with the page; undefined where it is none. */
function idIn(form: Sent): string | undefined {
  const id = textIn(form, 'id').toLowerCase();
  return isId(id) ? id : undefined;
}

function categoryIn(sent: Sent): string | undefined {
  const wanted = textIn(sent, 'category');
  return needsCatalogue.categories.find(({ code }) => code === wanted)?.code;
}

/** After a page of one category comes the next; after the last one, everything is looked at. */
function whereTo(code: string, category: string | undefined, go: string): string {
  const codes = needsCatalogue.categories.map((one) => one.code);
  const next = category === undefined ? undefined : codes[codes.indexOf(category) + 1];
  if (go === 'keep') return addressWith(`/clients/${code}/interview`, { category, done: 'kept' });
  if (go === 'next' && next) return addressWith(`/clients/${code}/interview`, { category: next });
  return `/clients/${code}/interview/review`;
}
