/** The headers that every answer carries, whatever answers: what a page may load and do, that nobody keeps a copy, and the id of the request. */
import { randomBytes, randomUUID } from 'node:crypto';
import type { NextFunction, Request, Response } from 'express';
import helmet, { strictTransportSecurity } from 'helmet';

type Middleware = (request: Request, response: Response, next: NextFunction) => void;

/** The description of the API is a page of Swagger UI, which styles itself inline; nothing there is anybody's data. */
const API_DOCS = /^\/api\/docs(\/|$)/;
const ONE_YEAR_SECONDS = 365 * 24 * 3600;

/** What the browser's own devices could tell of whoever sits before it, and this service never asks. */
const NO_DEVICES = [
  'accelerometer',
  'camera',
  'display-capture',
  'geolocation',
  'gyroscope',
  'microphone',
  'payment',
  'usb',
]
  .map((device) => `${device}=()`)
  .join(', ');

/** In the order in which they run. To be used before anything that may answer. */
export function answerHeaders(): Middleware[] {
  const strictTransport = strictTransportSecurity({ maxAge: ONE_YEAR_SECONDS, includeSubDomains: false });
  const [pages, docs] = [pageHeaders(ofOurPages), pageHeaders(OF_THE_API_DOCS)];
  return [
    (request: Request & { requestId?: string }, response, next) => {
      request.requestId = randomUUID();
      response.setHeader('x-request-id', request.requestId);
      // Whatever is not an asset may hold somebody's data, and a shared machine keeps no copy of it; nor of a refusal.
      response.setHeader('cache-control', 'no-store');
      response.setHeader('permissions-policy', NO_DEVICES);
      response.locals.cspNonce = randomBytes(16).toString('base64');
      next();
    },
    (request, response, next) => (API_DOCS.test(request.path) ? docs : pages)(request, response, next),
    (request, response, next) => (request.secure ? strictTransport(request, response, next) : next()),
  ];
}

type Policy = Record<string, (string | ((request: unknown, response: unknown) => string))[]>;

function pageHeaders(directives: Policy): Middleware {
  return helmet({
    contentSecurityPolicy: { useDefaults: false, directives },
    crossOriginEmbedderPolicy: true,
    crossOriginOpenerPolicy: { policy: 'same-origin' },
    crossOriginResourcePolicy: { policy: 'same-origin' },
    referrerPolicy: { policy: 'no-referrer' }, // an address may hold a client's code
    strictTransportSecurity: false, // only where the request came by https
    xFrameOptions: { action: 'deny' },
  });
}

/** Closed, but for what our pages need. A script runs when it carries the nonce of its own answer and not otherwise, wherever it comes from. */
const ofOurPages: Policy = {
  'default-src': ["'none'"],
  'script-src': [(_, response) => `'nonce-${String((response as Response).locals.cspNonce)}'`],
  'style-src': ["'self'"],
  'img-src': ["'self'"],
  'font-src': ['data:'], // letters that a device lacks come within a style sheet of ours
  'connect-src': ["'self'"],
  'worker-src': ["'self'"],
  'object-src': ["'none'"],
  'base-uri': ["'none'"],
  'form-action': ["'self'"],
  'frame-ancestors': ["'none'"],
};

const OF_THE_API_DOCS: Policy = {
  ...ofOurPages,
  'script-src': ["'self'"],
  'style-src': ["'self'", "'unsafe-inline'"],
  'img-src': ["'self'", 'data:'],
  'form-action': ["'none'"],
};
