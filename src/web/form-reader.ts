/** Reads a form field by field and gathers what is wrong with it, so that the page can say everything at once. */
import { isPlainDate } from '../kernel/domain/plain-date.js';
import { UNPRINTABLE } from '../kernel/domain/visible-text.js';
import { t } from './languages/language.js';
import type { Fault, Sent } from './sent.js';

export class FormReader {
  readonly faults: Fault[] = [];

  constructor(private readonly form: Sent | undefined) {}

  /** One of the choices; the fault is `missing` when it is none of them. */
  choice<Choice extends string>(name: string, choices: readonly Choice[], missing: string): Choice {
    const sent = this.form?.[name];
    const chosen = choices.find((choice) => choice === sent);
    if (chosen === undefined) this.fault(name, missing);
    return chosen ?? (choices[0] as Choice);
  }

  /** Those of the choices that were ticked. */
  choices<Choice extends string>(name: string, choices: readonly Choice[], missing: string): Choice[] {
    const sent = [this.form?.[name]].flat();
    const chosen = choices.filter((choice) => sent.includes(choice));
    if (chosen.length === 0) this.fault(name, missing);
    return chosen;
  }

  /** A text without the spaces around it. Longer than it may be is a fault, and so are control characters, and nothing where `missing` says what to do. */
  text(name: string, longest: number, missing?: string): string {
    const sent = this.form?.[name];
    const text = typeof sent === 'string' ? sent.replace(/\r\n/g, '\n').trim() : '';
    if (text === '' && missing !== undefined) this.fault(name, missing);
    if (UNPRINTABLE.test(text)) this.fault(name, t('Write it without control characters.'));
    // As people count them: a letter of a script that came late to Unicode is one, too.
    const { length } = [...text];
    if (length > longest)
      this.fault(name, t('Write at most {most} characters; this is {n}.', { most: longest, n: length }));
    return text;
  }

  /** YYYY-MM-DD, or undefined when nothing was given. */
  day(name: string): string | undefined {
    const text = this.text(name, 40);
    if (text !== '' && !isPlainDate(text)) this.fault(name, t('Give the day as a date, like 2026-03-02.'));
    return text || undefined;
  }

  /** A whole number that the page itself put into the form. */
  number(name: string): number {
    const text = this.text(name, 9);
    return /^\d+$/.test(text) ? Number(text) : 0;
  }

  fault(name: string, text: string): void {
    this.faults.push({ text, href: `#${name}` });
  }
}
