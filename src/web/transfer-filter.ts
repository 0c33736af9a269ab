/** The filter above the list of transfers, read from the page's address. */
import { isClientCode } from '../clients/domain/client-code.js';
import { parsePlainDate } from '../kernel/domain/plain-date.js';
import { transferStates, type TransferState } from '../transfers/obligation.entity.js';
import { t } from './languages/language.js';
import { refusalOf, textIn, type Fault, type Sent } from './sent.js';

export interface TransferFilterForm {
  /** As it was typed, to be shown again. */
  chosen: { state: string; client: string; fund: string; from: string; to: string };
  faults: Fault[];
}

/** What was chosen and what is wrong with it. A field left empty filters nothing. */
export function transferFilterForm(query: Sent, fundCodes: readonly string[]): TransferFilterForm {
  const chosen = {
    state: textIn(query, 'state'),
    client: textIn(query, 'client').toUpperCase(),
    fund: textIn(query, 'fund'),
    from: textIn(query, 'from'),
    to: textIn(query, 'to'),
  };
  const faults: Fault[] = [
    ...(chosen.state && !(transferStates as readonly string[]).includes(chosen.state)
      ? [{ text: t('Choose a state of the list'), href: '#state' }]
      : []),
    ...(chosen.client && !isClientCode(chosen.client)
      ? [{ text: t('Enter a client code like C-7K2M9QXW'), href: '#client' }]
      : []),
    ...(chosen.fund && !fundCodes.includes(chosen.fund)
      ? [{ text: t('Choose a fund of the list'), href: '#fund' }]
      : []),
    ...dayFaults(chosen.from, 'from'),
    ...dayFaults(chosen.to, 'to'),
  ];
  if (faults.length === 0 && chosen.from && chosen.to && chosen.from > chosen.to) {
    faults.push({ text: t('The last day must not come before the first'), href: '#to' });
  }
  return { chosen, faults };
}

/** The filter as the service takes it; for a form without faults. */
export function chosenFilter({ chosen }: TransferFilterForm) {
  return {
    state: (chosen.state || undefined) as TransferState | undefined,
    client: chosen.client || undefined,
    fund: chosen.fund || undefined,
    from: chosen.from || undefined,
    to: chosen.to || undefined,
  };
}

function dayFaults(text: string, field: string): Fault[] {
  if (text === '') return [];
  try {
    parsePlainDate(text, field);
    return [];
  } catch (thrown) {
    return refusalOf(thrown).faults;
  }
}
