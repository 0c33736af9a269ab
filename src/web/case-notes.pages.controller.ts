/** Case notes as pages: the form first, which is filled in between two talks, and below it all that was written down before. */
import { Body, Controller, Get, Param, Post, Query, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Response } from 'express';
import { Allow, CurrentActor } from '../access/declarations.js';
import type { Actor } from '../access/domain/actor.js';
import { CaseNotesService, type CaseNote } from '../case-notes/case-notes.service.js';
import { LONGEST_NOTE, noteKinds, type NewCaseNote } from '../case-notes/domain/case-note.js';
import { Ids, isId } from '../kernel/ids.js';
import { NOTE_KINDS } from './case-wording.js';
import { FormReader } from './form-reader.js';
import { idOf } from './id-param.js';
import { msgs, t } from './languages/language.js';
import { addressWith, refusal, textIn, type Fault, type Sent } from './sent.js';
import { countText } from './wording.js';

const NOTES_A_PAGE = 20;
/** Of what is read back into the form: far more than a note may have, so that whoever wrote too much can shorten it. */
const MOST_TYPED = 200_000;

/** What the service refuses of a form, as the page says it. */
const REFUSED: Readonly<Record<string, string>> = msgs({
  missing: 'Write down what was said.',
  'text-malformed': 'Write it without control characters.',
  'date-in-the-future': 'A note is about what has happened. Give today or a day before it.',
  'next-before-note': 'Give a day to talk again that does not come before the one this note is about.',
  'note-corrected-before':
    'Somebody corrected this note since you opened it. You see it as it is now. Save once more to correct that one.',
  'id-conflict':
    'This form was sent before with other words, and they are kept. Save once more to keep these beside them.',
});

interface Refusal {
  status: number;
  code?: string;
  faults: Fault[];
}

@ApiExcludeController()
@Controller('clients/:code/notes')
export class CaseNotesPagesController {
  constructor(
    private readonly notes: CaseNotesService,
    private readonly ids: Ids,
  ) {}

  @Get()
  @Allow('notes:read')
  async show(
    @CurrentActor() actor: Actor,
    @Param('code') code: string,
    @Query() query: Sent,
    @Res() response: Response,
  ): Promise<void> {
    const before = textIn(query, 'before') || undefined;
    response.render('client-notes', await this.page(actor, code, { done: textIn(query, 'done'), before }));
  }

  @Post()
  @Allow('notes:write')
  async write(
    @CurrentActor() actor: Actor,
    @Param('code') code: string,
    @Body() form: Sent,
    @Res() response: Response,
  ): Promise<void> {
    const refused = await this.keep(actor, code, form);
    if (refused)
      response.status(refused.status).render('client-notes', await this.page(actor, code, { form, refused }));
    else response.redirect(303, addressWith(`/clients/${code}/notes`, { done: 'note' }));
  }

  @Get(':id/correct')
  @Allow('notes:write')
  async correction(
    @CurrentActor() actor: Actor,
    @Param('code') code: string,
    @Param('id', idOf('case note')) id: string,
    @Res() response: Response,
  ): Promise<void> {
    response.render('client-note-correct', await this.correctionPage(actor, code, id, {}));
  }

  @Post(':id/correct')
  @Allow('notes:write')
  async correct(
    @CurrentActor() actor: Actor,
    @Param('code') code: string,
    @Param('id', idOf('case note')) id: string,
    @Body() form: Sent,
    @Res() response: Response,
  ): Promise<void> {
    const refused = await this.keep(actor, code, form, id.toLowerCase());
    if (refused) {
      const page = await this.correctionPage(actor, code, id, { form, refused });
      response.status(refused.status).render('client-note-correct', page);
    } else response.redirect(303, addressWith(`/clients/${code}/notes`, { done: 'correction' }));
  }

  /** Keeps what the form says; what is wrong with it, or null when it is kept. */
  private async keep(actor: Actor, code: string, form: Sent, corrects?: string): Promise<Refusal | null> {
    const { note, faults } = noteIn(form, this.ids);
    const refused = await refusal(faults, () => this.notes.write(actor, code, { ...note, corrects }));
    return refused && { ...refused, faults: refused.faults.map((fault) => asThePageSays(fault, refused.code)) };
  }

  private async page(
    actor: Actor,
    code: string,
    { done = '', before, form, refused }: { done?: string; before?: string; form?: Sent; refused?: Refusal },
  ) {
    const { items, next } = await this.notes.ofClient(actor, code, { before, limit: NOTES_A_PAGE });
    const today = await this.notes.today(actor, code);
    return {
      code,
      done,
      today,
      notes: withEarlier(items),
      isLaterPage: before !== undefined,
      nextPage: next && addressWith(`/clients/${code}/notes`, { before: next }),
      mayWrite: actor.permissions.has('notes:write'),
      ...this.fields(form, refused, { happenedOn: today }),
    };
  }

  private async correctionPage(
    actor: Actor,
    code: string,
    id: string,
    { form, refused }: { form?: Sent; refused?: Refusal },
  ) {
    const note = await this.notes.standing(actor, code, id);
    const { words, kind, happenedOn, nextOn } = note;
    const today = await this.notes.today(actor, code);
    return { code, note, today, ...this.fields(form, refused, { words, kind, happenedOn, nextOn: nextOn ?? '' }) };
  }

  /** What stands in the fields: what was sent, or what the form begins with. */
  private fields(form: Sent | undefined, refused: Refusal | undefined, first: Record<string, string>) {
    const field = (name: string) => (form ? textIn(form, name, MOST_TYPED) : (first[name] ?? ''));
    const sentId = textIn(form, 'id').toLowerCase();
    const kind = field('kind');
    return {
      // The id is made with the page, so that sending it twice keeps one note; what was kept under it leaves it to that.
      id: isId(sentId) && refused?.code !== 'id-conflict' ? sentId : this.ids.newId(),
      words: field('words'),
      kinds: noteKinds.map((value) => ({ value, text: t(NOTE_KINDS[value]), checked: value === kind })),
      happenedOn: field('happenedOn'),
      nextOn: field('nextOn'),
      faults: refused?.faults ?? [],
    };
  }
}

function noteIn(form: Sent, ids: Ids): { note: NewCaseNote; faults: Fault[] } {
  const reader = new FormReader(form);
  const id = textIn(form, 'id').toLowerCase();
  const note = {
    id: isId(id) ? id : ids.newId(),
    words: reader.text('words', MOST_TYPED, t('Write down what was said.')),
    kind: reader.choice('kind', noteKinds, t('Choose what the note is about.')),
    happenedOn: reader.day('happenedOn'),
    nextOn: reader.day('nextOn'),
  };
  return { note, faults: reader.faults };
}

/** Most refusals in a sentence of the page's own; those with a number in it as they count here. */
function asThePageSays(fault: Fault, code: string | undefined): Fault {
  if (code === undefined) return fault;
  const field = fault.href?.slice(1);
  if (code === 'text-too-long')
    return { ...fault, text: t('Write at most {most} characters.', { most: countText(LONGEST_NOTE) }) };
  const said = REFUSED[code];
  // What is refused of the note as a whole has no field of its own.
  return said ? { text: t(said), href: field === 'id' || field === 'corrects' ? '#words' : fault.href } : fault;
}

/** The notes that stand, each with those that it corrects, the latest of them first. */
function withEarlier(items: readonly CaseNote[]): (CaseNote & { earlier: CaseNote[] })[] {
  const standing: (CaseNote & { earlier: CaseNote[] })[] = [];
  for (const note of items) {
    if (note.correctedBy === null) standing.push({ ...note, earlier: [] });
    else standing.at(-1)?.earlier.push(note);
  }
  return standing;
}
