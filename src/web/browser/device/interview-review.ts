/** The look at a whole interview before it is saved, without a connection: the client is there now, and not when there is a line again. */
import type { DeviceWords } from '../../device-forms/device-words.js';
import { button, element, filled, link } from './elements.js';

interface Said {
  need: string;
  /** Of the need's fields. */
  id: string;
  rank: string | null;
  words: string;
}

/** Shows what is filled in, in place of the form; `save` is offered when every need has a rank. */
export function showReview(form: HTMLFormElement, words: DeviceWords, save: () => unknown): void {
  const said = [...form.querySelectorAll<HTMLFieldSetElement>('fieldset.app-need')].map(saidIn);
  const missing = said.filter(({ rank }) => rank === null);
  const review = element('section', 'app-review');
  const leave = (to?: string) => {
    review.remove();
    form.hidden = false;
    if (to !== undefined) document.getElementById(to)?.focus();
  };
  const title = element('h2', 'govuk-heading-l', words.review);
  title.tabIndex = -1;
  review.append(title, element('p', 'govuk-body', words.reviewHint));
  if (missing.length > 0) {
    const list = element('ul', 'govuk-list govuk-list--bullet');
    for (const { need, id } of missing) {
      const goes = link(need, `#ranks.${id}`);
      goes.addEventListener('click', () => leave(`ranks.${id}`));
      list.append(element('li', '', goes));
    }
    review.append(element('div', 'govuk-inset-text', element('p', 'govuk-body', words.rankBefore), list));
  }
  for (const rank of ['4', '3', '2', '1']) {
    const ranked = said.filter((one) => one.rank === rank);
    if (ranked.length === 0) continue;
    review.append(element('h3', 'govuk-heading-s', filled(words.rank, { n: rank })));
    const list = element('ul', 'govuk-list govuk-list--bullet');
    for (const { need, words: own } of ranked)
      list.append(
        element('li', '', need, ...(rank === '4' && own !== '' ? [' ', element('q', 'app-lines', own)] : [])),
      );
    review.append(list);
  }
  const buttons = element('div', 'govuk-button-group');
  if (missing.length === 0) buttons.append(button(words.save, save));
  buttons.append(button(words.back, () => leave(), 'govuk-button--secondary'));
  review.append(buttons);
  form.hidden = true;
  form.after(review);
  title.focus();
}

function saidIn(need: HTMLFieldSetElement): Said {
  const chosen = need.querySelector<HTMLInputElement>('input[type="radio"]:checked');
  return {
    need: need.querySelector('legend')?.textContent ?? '',
    id: need.id.replace(/^need-/, ''),
    rank: chosen?.value ?? null,
    words: need.querySelector('textarea')?.value.trim() ?? '',
  };
}
