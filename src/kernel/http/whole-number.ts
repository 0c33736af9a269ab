/** A whole number that may come as the digits of a query or of a form. */
import { applyDecorators } from '@nestjs/common';
import { Transform } from 'class-transformer';
import { IsInt, Max, Min } from 'class-validator';

const DIGITS = /^-?\d{1,30}$/;

/** Nothing but digits is made a number: `Number` itself takes a list for 0, and throws at what cannot be told as a text. */
export const IsWholeNumber = (least: number, most: number): PropertyDecorator =>
  applyDecorators(
    Transform(({ value }: { value: unknown }) =>
      typeof value === 'string' && DIGITS.test(value) ? Number(value) : value,
    ),
    IsInt(),
    Min(least),
    Max(most),
  );
