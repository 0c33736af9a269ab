/** An id in a request: a UUID, brought to lower case, because ids are also parts of the places that sealed data is bound to. */
import { applyDecorators } from '@nestjs/common';
import { Transform } from 'class-transformer';
import { IsUUID } from 'class-validator';

export const IsId = (): PropertyDecorator =>
  applyDecorators(
    IsUUID(undefined, { message: 'Give a UUID.' }),
    Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? value.toLowerCase() : value)),
  );
