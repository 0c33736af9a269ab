/** The id in a page's address; one that is no id leads to the same page as one of something that is not there. */
import { ParseUUIDPipe } from '@nestjs/common';
import { Problem } from '../kernel/domain/problem.js';

export const idOf = (what: string): ParseUUIDPipe =>
  new ParseUUIDPipe({ exceptionFactory: () => Problem.notFound(what) });
