/** What happened with a client, day by day, the latest first: said in words that name nobody, with a way to where more stands. */
import type { ClientEntity } from '../clients/client.entity.js';
import type { ConsentState } from '../clients/consents.service.js';
import { consentScopeWords } from './case-wording.js';
import type { Told, WordedTransfer } from './client-page.js';
import { t } from './languages/language.js';
import { moneyText } from './wording.js';

export interface TimelineEntry {
  /** YYYY-MM-DD. */
  day: string;
  text: string;
  href?: string;
}

const SHOWN = 12;

interface Happened extends Told {
  client: ClientEntity;
  consents: readonly ConsentState[];
  transfers: readonly WordedTransfer[];
}

export function clientTimeline({ client, consents, transfers, assessments, plans, notes }: Happened): TimelineEntry[] {
  const at = (rest: string) => `/clients/${client.code}/${rest}`;
  const paid = transfers.filter(({ settledOn }) => settledOn !== null);
  const said = consents.filter(({ recordedOn }) => recordedOn !== null);
  const entries: TimelineEntry[] = [
    { day: client.registeredAt.toISOString().slice(0, 10), text: t('Registered') },
    ...said.map(({ recordedOn, given, ...scope }) => ({
      day: recordedOn ?? '',
      text: given
        ? t('Consent given: {scope}', { scope: consentScopeWords(scope) })
        : t('Consent withdrawn: {scope}', { scope: consentScopeWords(scope) }),
    })),
    ...assessments.map(({ assessedOn }) => ({ day: assessedOn, text: t('Needs interview'), href: at('interviews') })),
    ...plans.map(({ id, writtenOn }) => ({
      day: writtenOn,
      text: t('Spending plan written'),
      href: at(`plans/${id}`),
    })),
    ...plans.flatMap(({ id, tracking }) =>
      tracking.map(({ toldOn }) => ({ day: toldOn, text: t('Told what came of the plan'), href: at(`plans/${id}`) })),
    ),
    ...notes.map(({ happenedOn }) => ({ day: happenedOn, text: t('Case note'), href: at('notes') })),
    ...paid.map((one) => ({
      day: one.settledOn ?? '',
      text: t('{amount}. {words}', { amount: moneyText(one.amount, one.currency), words: one.words }),
    })),
  ];
  return entries.sort((one, other) => other.day.localeCompare(one.day)).slice(0, SHOWN);
}
