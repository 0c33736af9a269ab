/** Reads what is typed into a form, and fills it in again. */
import type { Field } from './sealed-forms.js';

/** Made anew by each page: the token, and what says which form it is. */
const OF_THE_PAGE = new Set(['_csrf', 'id', 'since']);
const LONGEST_AHEAD_DAYS = 14;

/** As a browser would send it, without the token; the button's value by hand, since not every browser adds it. */
export function fieldsOf(form: HTMLFormElement, submitter: HTMLElement | null): Field[] {
  const fields = [...new FormData(form)].flatMap(([name, value]): Field[] =>
    name !== '_csrf' && typeof value === 'string' ? [[name, value]] : [],
  );
  if (submitter instanceof HTMLButtonElement && submitter.name !== '') fields.push([submitter.name, submitter.value]);
  return withDay(form, fields);
}

/** An interview that is kept to go on later has no day yet. */
export function withDay(form: HTMLFormElement, fields: readonly Field[]): Field[] {
  const { day, dayWhen } = form.dataset;
  const isTime = dayWhen === undefined || fields.some(([name, value]) => name === 'go' && value === dayWhen);
  return fields.map(([name, value]) => [name, isTime && name === day && value === '' ? todayHere() : value]);
}

/** Whether both are of the same page of the form: an interview has one for each category. */
export const isSamePage = (one: readonly Field[], other: readonly Field[]): boolean =>
  categoryOf(one) === categoryOf(other);
const categoryOf = (fields: readonly Field[]) => fields.find(([name]) => name === 'category')?.[1];

/** What somebody typed, without what the page itself put in. */
export const typedIn = (form: HTMLFormElement): Field[] =>
  [...new FormData(form)].flatMap(([name, value]): Field[] =>
    !OF_THE_PAGE.has(name) && typeof value === 'string' ? [[name, value]] : [],
  );

/** What the page shows when nobody has typed: another page of the same form shows other fields, and theirs stay as they are. */
export function withTyped(kept: readonly Field[], form: HTMLFormElement): Field[] {
  const here = namesIn(form);
  return [...kept.filter(([name]) => !here.has(name)), ...typedIn(form)];
}

export function withoutThoseOf(kept: readonly Field[], form: HTMLFormElement): Field[] {
  const here = namesIn(form);
  return kept.filter(([name]) => !here.has(name));
}

/** Fills in what this page has a field for; whether that changed anything. */
export function fillIn(form: HTMLFormElement, fields: readonly Field[]): boolean {
  let isChanged = false;
  for (const [name, value] of fields) {
    if (OF_THE_PAGE.has(name)) continue;
    for (const field of fieldsNamed(form, name)) {
      if (field instanceof HTMLInputElement && ['radio', 'checkbox'].includes(field.type)) {
        if (field.value !== value || field.checked) continue;
        field.checked = true;
      } else if (field instanceof HTMLInputElement && field.type === 'hidden') continue;
      else if (field.value === value) continue;
      else field.value = value;
      isChanged = true;
    }
  }
  return isChanged;
}

/** Empties what was typed, for the next of its kind, which is another one. */
export function emptyForNext(form: HTMLFormElement): void {
  for (const field of form.querySelectorAll<HTMLInputElement | HTMLTextAreaElement>('textarea, input')) {
    if (field.name === 'id') field.value = crypto.randomUUID();
    else if (field instanceof HTMLInputElement && ['radio', 'checkbox'].includes(field.type)) field.checked = false;
    else if (field.type !== 'hidden') field.value = '';
  }
}

/** Sends it as if no script were there, so that the page that answers is shown. */
export function sendPlainly(form: HTMLFormElement, submitter: HTMLElement | null): void {
  if (submitter instanceof HTMLButtonElement && submitter.name !== '') {
    const field = document.createElement('input');
    Object.assign(field, { type: 'hidden', name: submitter.name, value: submitter.value });
    form.append(field);
  }
  HTMLFormElement.prototype.submit.call(form);
}

function namesIn(form: HTMLFormElement): Set<string> {
  return new Set([...form.elements].map((field) => (field as HTMLInputElement).name));
}

function fieldsNamed(
  form: HTMLFormElement,
  name: string,
): (HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement)[] {
  return [...form.elements].filter(
    (field): field is HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement =>
      (field as HTMLInputElement).name === name && !(field instanceof HTMLButtonElement),
  );
}

/** A day left empty means the day on which the form was filled in, also when it is sent days later. A device's clock is believed within reason. */
function todayHere(): string {
  const today = document.getElementById('on-device')?.dataset.today ?? '';
  const now = new Date();
  const here = new Date(now.getTime() - now.getTimezoneOffset() * 60_000).toISOString().slice(0, 10);
  const days = (Date.parse(here) - Date.parse(today)) / 86_400_000;
  return days >= 0 && days <= LONGEST_AHEAD_DAYS ? here : today;
}
