/** Keeps what is left to plan right while somebody types. Without it the page says the same after each of its buttons. */
import { sumLines, sumsOf, type KnownMoney, type PlannedMoney, type SumWords } from '../plans/plan-sums.js';
import { typedAmount } from '../typed-amount.js';
import { minorOf, writtenAmount, type AmountMarks } from '../written-amount.js';

/** As the page carries it. */
interface Live {
  known: KnownMoney;
  first: string;
  words: SumWords;
  marks: AmountMarks;
  /** How many decimals each currency has. */
  decimals: Record<string, number>;
}

/** So that what is read out to somebody is not cut off by the next digit. */
const PAUSE_MS = 300;

const place = document.querySelector<HTMLElement>('[data-money]');
const form = place?.closest('form');
if (place && form) {
  const live = JSON.parse(place.dataset.money ?? '') as Live;
  let waiting = 0;
  form.addEventListener('input', () => {
    clearTimeout(waiting);
    waiting = window.setTimeout(() => show(place, lines(form, live)), PAUSE_MS);
  });
  for (const button of form.querySelectorAll('[data-without-script]')) button.remove();
}

function lines(form: HTMLFormElement, { known, first, words, marks, decimals }: Live): [string, string][] {
  const typed = [...form.querySelectorAll<HTMLInputElement>('input[name^="amount-"]')];
  const read = typed.flatMap(({ name, value }): (PlannedMoney | null)[] => {
    const currency = (form.elements.namedItem(name.replace('amount', 'currency')) as HTMLSelectElement).value;
    const amount = typedAmount(value, marks.decimal);
    if ('decimal' in amount && amount.decimal === '') return [];
    const amountMinor = 'decimal' in amount ? minorOf(amount.decimal, decimals[currency]) : null;
    return [amountMinor === null ? null : { amountMinor, currency }];
  });
  const planned = read.filter((one) => one !== null);
  const write = (minor: bigint, currency: string) => writtenAmount(minor, decimals[currency] ?? 0, marks, currency);
  const said = sumLines(sumsOf(known, planned, first), words, write);
  const told = said.map(({ says, detail }): [string, string] => [says, detail]);
  return planned.length < read.length ? [...told, ['', words.unread]] : told;
}

function show(place: HTMLElement, told: [string, string][]): void {
  place.replaceChildren(
    ...told.map(([says, detail]) => {
      const line = document.createElement('p');
      line.className = 'app-left__line';
      line.append(part('strong', 'app-left__sum', says), ' ', part('span', 'app-left__detail', detail));
      return line;
    }),
  );
}

function part(kind: 'strong' | 'span', name: string, text: string): HTMLElement {
  const made = document.createElement(kind);
  made.className = name;
  made.textContent = text;
  return made;
}
