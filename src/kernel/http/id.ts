/** An id in a request: a UUID, brought to lower case, because ids are also parts of the places that sealed data is bound to. */
import { applyDecorators, Injectable, type PipeTransform } from '@nestjs/common';
import { Transform } from 'class-transformer';
import { isUUID, IsUUID } from 'class-validator';
import { Problem } from '../domain/problem.js';

export const IsId = (): PropertyDecorator =>
  applyDecorators(
    IsUUID(undefined, { message: 'Give a UUID.' }),
    Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? value.toLowerCase() : value)),
  );

/** The same for an id in an address. Throws `id-malformed` (400). */
@Injectable()
export class IdPipe implements PipeTransform<string, string> {
  transform(id: string): string {
    if (!isUUID(id)) throw Problem.malformed('id-malformed', 'That is not an id of this service.', 'id');
    return id.toLowerCase();
  }
}
