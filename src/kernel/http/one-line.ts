/** Texts that stand on pages, in reports, on terminals and in files that others check: without characters that nobody sees, most on one line. */
import { applyDecorators } from '@nestjs/common';
import { Matches, ValidateBy } from 'class-validator';
import { LETTER, LETTER_OR_DIGIT, UNPRINTABLE } from '../domain/visible-text.js';

/** No control characters, no line or paragraph separators, nothing that turns the direction of what follows. */
const ONE_LINE = /^[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]*$/u;

interface OfList {
  /** Of a list of texts. */
  each?: boolean;
}

/** A text that may be left empty. */
export const IsOneLine = ({ each = false }: OfList = {}): PropertyDecorator =>
  Matches(ONE_LINE, {
    each,
    message: 'Write one line, without control characters.',
    context: { code: 'text-malformed' },
  });

/** A text of several lines. */
export const IsText = ({ each = false }: OfList = {}): PropertyDecorator =>
  ValidateBy(
    { name: 'isText', validator: { validate: (text) => typeof text === 'string' && !UNPRINTABLE.test(text) } },
    { each, message: 'Write it without control characters.', context: { code: 'text-malformed' } },
  );

/** A text that says something: a number, an account, what something is called. */
export const IsWritten = ({ each = false }: OfList = {}): PropertyDecorator =>
  applyDecorators(
    IsOneLine({ each }),
    has(LETTER_OR_DIGIT, { each, message: 'Write something that has a letter or a digit.' }),
  );

/** What somebody is called. */
export const IsName = (): PropertyDecorator =>
  applyDecorators(IsOneLine(), has(LETTER, { message: 'Write a name that has a letter.' }));

/** Under a name of its own: two checks of one name on one field would share their code. That there is nothing at all is for `Length` to say. */
function has(pattern: RegExp, { each = false, message }: OfList & { message: string }): PropertyDecorator {
  const validate = (text: unknown) => text === '' || (typeof text === 'string' && pattern.test(text));
  return ValidateBy({ name: 'isSeen', validator: { validate } }, { each, message, context: { code: 'text-empty' } });
}
