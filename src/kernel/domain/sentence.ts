/** A sentence for a person with what is filled in kept apart from it, so that a page can say it in another language. The key is the English sentence. */
export type Values = Readonly<Record<string, string | number>>;

export class Sentence {
  constructor(
    /** English, with {places}. */
    readonly text: string,
    readonly values: Values,
  ) {}

  toString(): string {
    return filled(this.text, this.values);
  }

  /** What programs are answered is the English sentence, filled. */
  toJSON(): string {
    return this.toString();
  }
}

/** With a literal in place, so that `scripts/messages.mjs` finds it for those who translate. */
export const sentence = (text: string, values: Values = {}): Sentence => new Sentence(text, values);

/** The text with its {places} filled; a place without a value stays as it is. */
export function filled(text: string, values: Values): string {
  return text.replace(/\{(\w+)\}/g, (place, name: string) => {
    const value = values[name];
    return value === undefined ? place : String(value);
  });
}
