/** Checks request bodies against their DTOs; every fault is reported with its field and a stable code. */
import { ValidationPipe, type ValidationError } from '@nestjs/common';
import { Problem, type FieldError } from '../domain/problem.js';
import { sentence } from '../domain/sentence.js';

const CODES: Record<string, string> = {
  whitelistValidation: 'unknown-field',
  isUuid: 'id-malformed',
  isNotEmpty: 'missing',
  isDefined: 'missing',
  isISO8601: 'date-malformed',
};

/** What is quoted back of a name that somebody else chose. */
const LONGEST_QUOTED_NAME = 60;
const MOST_FAULTS_TOLD = 30;
const TYPE_CHECKS = new Set(['isString', 'isInt', 'isBoolean', 'isArray', 'isObject']);

export function validationPipe(): ValidationPipe {
  return new ValidationPipe({
    whitelist: true,
    forbidNonWhitelisted: true,
    transform: true,
    validationError: { target: false, value: true }, // a field that is not there has no value
    exceptionFactory: (errors) => {
      const faults = flatten(errors);
      const [first] = faults;
      return new Problem(
        422,
        first?.code ?? 'invalid',
        first?.detail ?? 'The request is not right.',
        first?.field,
        faults.slice(0, MOST_FAULTS_TOLD),
      );
    },
  });
}

function flatten(errors: ValidationError[], prefix = ''): FieldError[] {
  return errors.flatMap((error) => {
    const name = error.property.slice(0, LONGEST_QUOTED_NAME);
    const field = prefix ? `${prefix}.${name}` : name;
    const own = gravest(error.constraints ?? {}).map(([constraint, message]) => ({
      field,
      code: codeOf(error, constraint),
      detail: constraint === 'whitelistValidation' ? sentence('There is no field {name} here.', { name }) : message,
    }));
    return [...own, ...flatten(error.children ?? [], field)];
  });
}

/** One fault a field: that its type is another, before what a value of the right type would have to be like. */
function gravest(constraints: Record<string, string>): [string, string][] {
  const faults = Object.entries(constraints);
  return [faults.find(([constraint]) => TYPE_CHECKS.has(constraint)) ?? faults[0]].filter(
    (fault) => fault !== undefined,
  );
}

function codeOf(error: ValidationError, constraint: string): string {
  if (error.value === undefined && constraint !== 'whitelistValidation') return 'missing';
  const context = error.contexts?.[constraint] as { code?: string } | undefined;
  return context?.code ?? CODES[constraint] ?? constraint.replace(/([a-z])([A-Z])/g, '$1-$2').toLowerCase();
}
