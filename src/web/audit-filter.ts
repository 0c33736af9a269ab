/** The filter above the audit trail, read from the page's address. */
import { isUUID } from 'class-validator';
import type { AuditFilter } from '../access/audit/audit-reader.js';
import { isClientCode } from '../clients/domain/client-code.js';
import { isPlainDate } from '../kernel/domain/plain-date.js';
import { t } from './languages/language.js';
import { textIn, type Fault, type Sent } from './sent.js';

export interface AuditFilterForm {
  /** As it was typed, to be shown again. */
  chosen: { actor: string; act: string; client: string; subject: string; from: string; to: string };
  faults: Fault[];
}

/** What was chosen and what is wrong with it. A field left empty filters nothing. */
export function auditFilterForm(query: Sent): AuditFilterForm {
  const chosen = {
    actor: textIn(query, 'actor'),
    act: textIn(query, 'act'),
    client: textIn(query, 'client').toUpperCase(),
    subject: textIn(query, 'subject'),
    from: textIn(query, 'from'),
    to: textIn(query, 'to'),
  };
  const fault = (isWrong: boolean, text: string, field: string): Fault[] =>
    isWrong ? [{ text, href: `#${field}` }] : [];
  const isNoDay = (text: string) => text !== '' && !isPlainDate(text);
  const faults = [
    ...fault(chosen.actor !== '' && !isUUID(chosen.actor), t('Choose somebody of the list'), 'actor'),
    ...fault(
      chosen.client !== '' && !isClientCode(chosen.client),
      t('Enter a client code like {code}', { code: 'C-7K2M9QXW' }),
      'client',
    ),
    ...fault(isNoDay(chosen.from), t('Enter a day of the calendar'), 'from'),
    ...fault(isNoDay(chosen.to), t('Enter a day of the calendar'), 'to'),
  ];
  if (faults.length === 0 && chosen.from && chosen.to && chosen.from > chosen.to)
    faults.push({ text: t('The last day must not come before the first'), href: '#to' });
  return { chosen, faults };
}

/** The filter as the reader takes it; for a form without faults. */
export function chosenAuditFilter({ chosen }: AuditFilterForm): AuditFilter {
  return Object.fromEntries(Object.entries(chosen).filter(([, value]) => value !== ''));
}
