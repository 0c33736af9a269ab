/** Refuses what no body of ours is like, before code that goes down level by level sees it: too deep, or with names that JavaScript keeps. */
import type { NextFunction, Request, Response } from 'express';
import { Problem } from '../domain/problem.js';
import { sentence } from '../domain/sentence.js';

/** The deepest body that we take has 5: identity, guardian, names, a name, its text. */
const DEEPEST = 10;
/** What follows would drop these silently, and a rank for a need that is not there would look as if it had been taken. */
const KEPT_BY_JAVASCRIPT = new Set(['__proto__', 'constructor', 'prototype']);

interface Part {
  value: unknown;
  /** Where it stands: "identity.names.0". */
  field: string;
}

/** Passes on `json-too-deep` (400) and `unknown-field` (422). */
export function refuseStrangeBody(request: Request, _response: Response, next: NextFunction): void {
  let level: Part[] = [{ value: request.body, field: '' }];
  for (let depth = 0; depth <= DEEPEST && level.length > 0; depth += 1) {
    const strange = level.find(({ field }) => KEPT_BY_JAVASCRIPT.has(field.slice(field.lastIndexOf('.') + 1)));
    if (strange) return next(Problem.refused('unknown-field', 'There is no field of that name here.', strange.field));
    level = level.flatMap(partsOf);
  }
  if (level.length > 0)
    return next(
      Problem.malformed('json-too-deep', sentence('The body is nested more than {most} deep.', { most: DEEPEST })),
    );
  next();
}

function partsOf({ value: whole, field: parent }: Part): Part[] {
  if (typeof whole !== 'object' || whole === null) return [];
  return Object.entries(whole as Record<string, unknown>).map(([key, value]) => ({
    value,
    field: parent ? `${parent}.${key}` : key,
  }));
}
