/** Refuses a body that is not what the route takes, before anything reads it: JSON in UTF-8 for the API, on pages also a form, and files where they are taken. */
import { isUtf8 } from 'node:buffer';
import type { NextFunction, Request, Response } from 'express';
import { Problem } from '../domain/problem.js';
import { sentence, type Sentence } from '../domain/sentence.js';
import { refuseRepeatedNames } from './repeated-names.js';

export const JSON_TYPES = ['application/json', 'application/*+json'];
export const FORM = 'application/x-www-form-urlencoded';

/** Where a file is sent, which the route itself reads as it streams in, and as what. */
const FILE_TYPES: Readonly<Record<string, readonly string[]>> = {
  '/api/v1/bank-reports': ['application/xml', 'text/xml', 'text/csv', 'application/octet-stream'],
  '/bank-reports': ['multipart/form-data'],
};

/** Passes on `content-type-unsupported` (415). A request without a body needs no type. */
export function refuseOtherContent(request: Request, _response: Response, next: NextFunction): void {
  const isApi = request.path.startsWith('/api/');
  // `is` answers null without a body and false when the type is another, or missing.
  if (!isFile(request) && request.is(isApi ? JSON_TYPES : [...JSON_TYPES, FORM]) === false && hasContent(request)) {
    return next(
      unsupported(
        isApi
          ? sentence('The body of the request must be JSON (application/json).')
          : sentence('The body of the request must be JSON or a form.'),
      ),
    );
  }
  const charset = /;\s*charset\s*=\s*"?([^\s;"]*)/i.exec(request.get('content-type') ?? '')?.[1];
  if (charset !== undefined && charset.toLowerCase() !== 'utf-8')
    return next(unsupported(sentence('The body of the request must be in UTF-8.')));
  next();
}

/** For a route that takes a file, once it is known who asks. Throws `content-type-unsupported` (415). */
export function requireFile(request: Request): void {
  if (!isFile(request))
    throw unsupported(sentence('Send the file as {types}.', { types: String(FILE_TYPES[request.path]?.join(', ')) }));
}

function isFile(request: Request): boolean {
  const types = request.method === 'POST' ? FILE_TYPES[request.path] : undefined;
  return types !== undefined && Boolean(request.is([...types]));
}

/** For the parser's `verify`. Throws `body-not-utf-8` and `json-name-repeated` (400). */
export function refuseAmbiguousJson(_request: unknown, _response: unknown, body: Buffer): void {
  if (!isUtf8(body)) throw Problem.malformed('body-not-utf-8', 'The body of the request is not UTF-8.', 'body');
  refuseRepeatedNames(body.toString('utf8'));
}

/** Some clients name a length of nothing. */
function hasContent(request: Request): boolean {
  return request.get('content-length') !== '0';
}

function unsupported(wording: Sentence): Problem {
  return new Problem(415, 'content-type-unsupported', wording, 'Content-Type');
}
