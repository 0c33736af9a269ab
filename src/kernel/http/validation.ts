/** Checks request bodies against their DTOs; every fault is reported with its field and a stable code. */
import { ValidationPipe, type ValidationError } from '@nestjs/common';
import { Problem, type FieldError } from '../domain/problem.js';

const CODES: Record<string, string> = {
  whitelistValidation: 'unknown-field',
  isUuid: 'id-malformed',
  isNotEmpty: 'missing',
  isDefined: 'missing',
  isISO8601: 'date-malformed',
};

export function validationPipe(): ValidationPipe {
  return new ValidationPipe({
    whitelist: true,
    forbidNonWhitelisted: true,
    transform: true,
    stopAtFirstError: true,
    exceptionFactory: (errors) => {
      const faults = flatten(errors);
      const [first] = faults;
      return new Problem(
        422,
        first?.code ?? 'invalid',
        first?.detail ?? 'The request is not right.',
        first?.field,
        faults,
      );
    },
  });
}

function flatten(errors: ValidationError[], prefix = ''): FieldError[] {
  return errors.flatMap((error) => {
    const field = prefix ? `${prefix}.${error.property}` : error.property;
    const own = Object.entries(error.constraints ?? {}).map(([constraint, message]) => ({
      field,
      code: codeOf(error, constraint),
      detail: constraint === 'whitelistValidation' ? `There is no field ${error.property.slice(0, 60)} here.` : message,
    }));
    return [...own, ...flatten(error.children ?? [], field)];
  });
}

function codeOf(error: ValidationError, constraint: string): string {
  if (error.value === undefined && constraint !== 'whitelistValidation') return 'missing';
  const context = error.contexts?.[constraint] as { code?: string } | undefined;
  return context?.code ?? CODES[constraint] ?? constraint.replace(/([a-z])([A-Z])/g, '$1-$2').toLowerCase();
}
