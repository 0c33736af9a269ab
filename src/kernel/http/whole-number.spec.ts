import { describe, expect, it } from '@jest/globals';
import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import { IsWholeNumber } from './whole-number.js';

class Body {
  @IsWholeNumber(1, 20)
  count: unknown;
}

function read(count: unknown) {
  const body = plainToInstance(Body, { count });
  return validateSync(body).length === 0 ? body.count : 'refused';
}

describe('a whole number in a request', () => {
  it.each([
    [7, 7],
    ['7', 7],
    ['20', 20],
  ])('takes %j', (sent, taken) => expect(read(sent)).toBe(taken));

  it.each([[0], [21], [1.5], ['1.5'], ['0x2'], [''], [' 7 '], [[]], [[7]], [true], [{ toString: 'x' }], [null]])(
    'refuses %j, without a fault',
    (sent) => expect(read(sent)).toBe('refused'),
  );
});
