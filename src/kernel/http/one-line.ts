/** A name that stands on pages, in reports and in files that others check: one line, without characters that nobody sees. */
import { applyDecorators } from '@nestjs/common';
import { Matches } from 'class-validator';

/** No control characters, no line or paragraph separators, nothing that turns the direction of what follows. */
const ONE_LINE = /^[^\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]*$/u;

/** `each`: of a list of texts. */
export const IsOneLine = ({ each = false }: { each?: boolean } = {}): PropertyDecorator =>
  applyDecorators(
    Matches(ONE_LINE, {
      each,
      message: 'Write one line, without control characters.',
      context: { code: 'text-malformed' },
    }),
  );
