/** A client's page: how to reach them without harm first, then what is owed to them, what they already told, and what happened when. */
import { Injectable } from '@nestjs/common';
import type { Actor, Permission } from '../access/domain/actor.js';
import { CaseNotesService, type CaseNote } from '../case-notes/case-notes.service.js';
import { AssignmentsService } from '../clients/assignments.service.js';
import type { ClientEntity } from '../clients/client.entity.js';
import { ClientsService } from '../clients/clients.service.js';
import { ConsentsService } from '../clients/consents.service.js';
import { ContactsService } from '../clients/contacts.service.js';
import { DuplicatesService } from '../clients/matching/duplicates.service.js';
import { InterviewDraftsService } from '../needs/interview-drafts.service.js';
import { NeedsService, type Assessment } from '../needs/needs.service.js';
import type { Plan } from '../plans/plan-records.js';
import { PlansService } from '../plans/plans.service.js';
import { TransfersService, type TransferView } from '../transfers/transfers.service.js';
import { options } from './case-wording.js';
import { clientTimeline } from './client-timeline.js';
import { msg } from './languages/language.js';
import { labelOfNeed } from './plans/plan-form-page.js';
import { shown } from './plans/plan-page.js';
import { textIn, type Fault, type Sent } from './sent.js';
import { transferWords } from './transfer-words.js';

const NOTES_SHOWN = 3;
const INTERVIEWS_SHOWN = 5;

interface Way {
  path: string;
  text: string;
  permission: Permission;
}

/** What is done with a client day by day, by who may. */
const WORK: readonly Way[] = [
  { path: 'notes', text: msg('Case notes'), permission: 'notes:read' },
  { path: 'interview', text: msg('Needs interview'), permission: 'needs:record' },
  { path: 'plans/new', text: msg('Write a spending plan'), permission: 'plans:record' },
  { path: 'contacts', text: msg('Record a contact'), permission: 'casework:record' },
];

/** What is done once in a while. */
const RIGHTS: readonly (Way & { asksConsent?: true; asksCaseFile?: true })[] = [
  {
    path: 'identity',
    text: msg('Who they are (the reading is recorded)'),
    permission: 'identity:read',
    asksConsent: true,
  },
  {
    path: 'identification',
    text: msg('Identification: what they told of how they were trafficked. Nothing depends on it'),
    permission: 'words:read',
    asksConsent: true,
    asksCaseFile: true,
  },
  { path: 'export', text: msg('Everything held of them, for them'), permission: 'clients:export' },
  { path: 'erase', text: msg('Erase them, when they ask for it'), permission: 'clients:erase' },
];

/** A form that was refused: shown again with what was typed and what is wrong with it. */
export interface RefusedForm {
  form: Sent;
  faults: Fault[];
}

@Injectable()
export class ClientPage {
  constructor(
    private readonly clients: ClientsService,
    private readonly consents: ConsentsService,
    private readonly contacts: ContactsService,
    private readonly duplicates: DuplicatesService,
    private readonly assignments: AssignmentsService,
    private readonly needs: NeedsService,
    private readonly drafts: InterviewDraftsService,
    private readonly plans: PlansService,
    private readonly notes: CaseNotesService,
    private readonly transfers: TransfersService,
  ) {}

  /** Throws `not-found` (404). What is read of the client's own words, and of how they are reached, is recorded. */
  async of(actor: Actor, code: string, refused?: RefusedForm) {
    const { client, reason } = await this.clients.caseFile(actor, code);
    const isOwn = reason === 'case-file';
    const may = ({ permission }: Way) => actor.permissions.has(permission);
    const consents = await this.consents.ofClient(client);
    const transfers = isOwn ? await this.transfersOf(actor, code) : null;
    const told = isOwn && client.consentsToHold ? await this.told(actor, code) : null;
    return {
      client,
      isOwn,
      consents,
      work: isOwn && client.consentsToHold ? WORK.filter(may) : [],
      rights: RIGHTS.filter(
        (way) => may(way) && (client.consentsToHold || !way.asksConsent) && (isOwn || !way.asksCaseFile),
      ),
      safeContact:
        client.consentsToHold && actor.permissions.has('identity:read') ? await this.contacts.rules(actor, code) : null,
      possibleDuplicate: isOwn ? await this.duplicates.notice(actor, client) : { found: false, yourClients: [] },
      // In an emergency nobody needs to know what was said of needs and plans, nor what is paid.
      told: told && wordedTold(told),
      transfers,
      timeline: told && clientTimeline({ client, consents, transfers: transfers ?? [], ...told }),
      hands: isOwn && actor.permissions.has('clients:assign') ? await this.hands(actor, client, refused) : null,
    };
  }

  private async transfersOf(actor: Actor, code: string): Promise<WordedTransfer[]> {
    const payableBy = await this.transfers.payableBy(actor, code);
    const transfers = await this.transfers.ofClient(actor, code);
    return transfers.map((one) => ({ ...one, words: transferWords(one, payableBy.includes(one.rail)) }));
  }

  /** What the client said of needs, plans and all else; each reading is recorded. */
  private async told(actor: Actor, code: string): Promise<Told> {
    return {
      draft: actor.permissions.has('needs:record') ? await this.drafts.find(actor, code) : null,
      assessments: await this.needs.assessments(actor, code, INTERVIEWS_SHOWN),
      plans: await this.plans.ofClient(actor, code),
      notes: actor.permissions.has('notes:read')
        ? (await this.notes.ofClient(actor, code, { limit: NOTES_SHOWN })).items
        : [],
    };
  }

  private async hands(actor: Actor, client: ClientEntity, refused: RefusedForm | undefined) {
    const people = await this.assignments.assignable(actor);
    const names = Object.fromEntries(people.map(({ id, displayName }) => [id, displayName]));
    return {
      now: names[client.caseworkerId] ?? null,
      changes: await this.assignments.ofClient(actor, client.code),
      options: options(names, textIn(refused?.form, 'caseworker')),
    };
  }
}

export type WordedTransfer = TransferView & { words: string };

export interface Told {
  draft: { keptAt: string } | null;
  assessments: Assessment[];
  plans: Plan[];
  notes: CaseNote[];
}

function wordedTold({ draft, assessments, plans, notes }: Told) {
  const [latest] = assessments;
  return {
    draft,
    notes,
    hasEarlierInterviews: assessments.length > 1,
    assessment: latest && {
      assessedOn: latest.assessedOn,
      priorities: latest.highestPriorities.map((need) => ({
        label: labelOfNeed(need),
        words: latest.interpretations[need] ?? null,
      })),
    },
    plans: plans.filter(({ standing }) => standing).map(shown),
  };
}
