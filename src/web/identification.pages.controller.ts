/** Identification as a page: what stands now, the form by which another version is recorded, and the versions before. */
import { Body, Controller, Get, Param, Post, Query, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Response } from 'express';
import { Allow, CurrentActor } from '../access/declarations.js';
import type { Actor } from '../access/domain/actor.js';
import { ClientsService } from '../clients/clients.service.js';
import { acts, agesThen, means, purposes } from '../clients/identification/domain/elements.js';
import {
  formalStatuses,
  LONGEST_AUTHORITY,
  LONGEST_WORDS,
  type IdentificationContent,
  type ReflectionPeriod,
} from '../clients/identification/domain/identification.js';
import { NewIdentificationDto } from '../clients/identification/dto/identification.dto.js';
import {
  IdentificationService,
  type Identification,
  type NewIdentification,
} from '../clients/identification/identification.service.js';
import { isId, Ids } from '../kernel/ids.js';
import { FormReader } from './form-reader.js';
import {
  actOfTraffickingWords,
  AGES_THEN,
  ELEMENT_ACTS,
  ELEMENT_MEANS,
  ELEMENT_PURPOSES,
  FORMAL_STATUSES,
  meansWords,
  purposeWords,
} from './identification-wording.js';
import { t } from './languages/language.js';
import { addressWith, asApiTakes, refusal, textIn, textsIn, type Fault, type Sent } from './sent.js';

/** A form that was refused: shown again with what was typed and what is wrong with it. */
interface Refused {
  form: Sent;
  id: string;
  faults: Fault[];
}

@ApiExcludeController()
@Controller('clients/:code/identification')
export class IdentificationPagesController {
  constructor(
    private readonly ids: Ids,
    private readonly clients: ClientsService,
    private readonly identification: IdentificationService,
  ) {}

  @Get()
  @Allow('words:read')
  async show(
    @CurrentActor() actor: Actor,
    @Param('code') code: string,
    @Query() query: Sent,
    @Res() response: Response,
  ): Promise<void> {
    const isDone = textIn(query, 'done') === 'recorded';
    response.render('identification', { ...(await this.page(actor, code)), isDone });
  }

  @Post()
  @Allow('casework:record')
  async record(
    @CurrentActor() actor: Actor,
    @Param('code') code: string,
    @Body() form: Sent = {},
    @Res() response: Response,
  ): Promise<void> {
    const sentId = textIn(form, 'id').toLowerCase();
    const id = isId(sentId) ? sentId : this.ids.newId();
    const { identification, faults } = identificationIn(form, id);
    const refused = await refusal(faults, async () =>
      this.identification.record(actor, code, await asApiTakes(NewIdentificationDto, identification)),
    );
    if (refused) {
      // Of a version that somebody else recorded meanwhile: it is shown above what was typed, which can be sent once it was read.
      const page = await this.page(actor, code, { form, id, faults: refused.faults });
      response.status(refused.status).render('identification', page);
    } else response.redirect(303, addressWith(`/clients/${code}/identification`, { done: 'recorded' }));
  }

  private async page(actor: Actor, code: string, refused?: Refused) {
    const { latest, earlier } = await this.identification.ofClient(actor, code);
    const client = await this.clients.find(actor, code);
    return {
      code: client.code,
      isChild: client.ageBand !== 'adult',
      mayRecord: actor.permissions.has('casework:record'),
      latest: latest && inWords(latest),
      earlier: earlier.map(inWords),
      form: refused ? typedForm(refused.form) : formOf(latest),
      id: refused?.id ?? this.ids.newId(),
      faults: refused?.faults ?? [],
    };
  }
}

function identificationIn(form: Sent, id: string): { identification: NewIdentification; faults: Fault[] } {
  const reader = new FormReader(form);
  const replaces = textIn(form, 'replaces');
  const ticked = <Code extends string>(name: string, codes: readonly Code[]) => {
    const sent = textsIn(form, name);
    return codes.filter((code) => sent.includes(code));
  };
  const words = (name: string) => reader.text(`words.${name}`, LONGEST_WORDS) || undefined;
  const identification = {
    id,
    replaces: isId(replaces) ? replaces : null,
    acts: ticked('acts', acts),
    means: ticked('means', means),
    purposes: ticked('purposes', purposes),
    ageThen: agesThen.find((age) => age === textIn(form, 'ageThen')),
    words: { acts: words('acts'), means: words('means'), purposes: words('purposes') },
    formal: {
      status: formalStatuses.find((status) => status === textIn(form, 'formal.status')) ?? 'not-asked',
      decidedOn: reader.day('formal.decidedOn'),
      authority: reader.text('formal.authority', LONGEST_AUTHORITY) || undefined,
    },
    reflection: reflectionIn(reader),
  };
  return { identification, faults: reader.faults };
}

function reflectionIn(reader: FormReader): ReflectionPeriod | undefined {
  const [from, to] = [reader.day('reflection.from'), reader.day('reflection.to')];
  if (from !== undefined && to === undefined) reader.fault('reflection.to', t('Give its last day too.'));
  if (from === undefined && to !== undefined) reader.fault('reflection.from', t('Give its first day too.'));
  return from === undefined || to === undefined ? undefined : { from, to };
}

const inWords = (identification: Identification) => ({
  ...identification,
  actWords: identification.acts.map(actOfTraffickingWords),
  meansWords: identification.means.map(meansWords),
  purposeWords: identification.purposes.map(purposeWords),
});

const choices = (words: Record<string, string>, chosen: readonly (string | null)[]) =>
  Object.entries(words).map(([value, text]) => ({ value, text: t(text), checked: chosen.includes(value) }));

interface Shown {
  acts: readonly string[];
  means: readonly string[];
  purposes: readonly string[];
  ageThen: string | null;
  words: Partial<Record<'acts' | 'means' | 'purposes', string>>;
  status: string;
  decidedOn?: string;
  authority?: string;
  from?: string;
  to?: string;
}

const formOf = (latest: IdentificationContent | null) =>
  shownForm({
    acts: latest?.acts ?? [],
    means: latest?.means ?? [],
    purposes: latest?.purposes ?? [],
    ageThen: latest?.ageThen ?? null,
    words: latest?.words ?? {},
    ...(latest?.formal ?? { status: 'not-asked' }),
    ...latest?.reflection,
  });

function typedForm(form: Sent) {
  const words = (name: string) => textIn(form, `words.${name}`, 20_000);
  return shownForm({
    acts: textsIn(form, 'acts'),
    means: textsIn(form, 'means'),
    purposes: textsIn(form, 'purposes'),
    ageThen: textIn(form, 'ageThen'),
    words: { acts: words('acts'), means: words('means'), purposes: words('purposes') },
    status: textIn(form, 'formal.status'),
    decidedOn: textIn(form, 'formal.decidedOn'),
    authority: textIn(form, 'formal.authority', 5000),
    from: textIn(form, 'reflection.from'),
    to: textIn(form, 'reflection.to'),
  });
}

const shownForm = ({ acts: told, means: how, purposes: what, ageThen, status, ...typed }: Shown) => ({
  ...typed,
  acts: choices(ELEMENT_ACTS, told),
  means: choices(ELEMENT_MEANS, how),
  purposes: choices(ELEMENT_PURPOSES, what),
  agesThen: choices(AGES_THEN, [ageThen]),
  statuses: choices(FORMAL_STATUSES, [status]),
});
