/** Turns every error into an answer: problem details (RFC 9457) for programs, a page for people; never a stack, a query or a name. */
import { Catch, HttpException, Logger, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { Request, Response } from 'express';
import { QueryFailedError } from 'typeorm';
import { Problem } from '../domain/problem.js';
import { faultWords } from '../fault-words.js';
import { DATABASE_REFUSALS } from './database-refusals.js';

@Catch()
export class ProblemFilter implements ExceptionFilter {
  private readonly log = new Logger('Problem');

  catch(thrown: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<Request & { requestId?: string }>();
    const response = host.switchToHttp().getResponse<Response>();
    const problem = toProblem(thrown);
    if (problem.status >= 500) {
      this.log.error(
        `${request.method} ${request.route ? String((request.route as { path: string }).path) : '(no route)'} ${request.requestId ?? ''}: ${faultWords(thrown)}`,
      );
    }
    if (response.headersSent) {
      response.end();
      return;
    }
    const wantsPage = !request.path.startsWith('/api/') && request.accepts(['html', 'json']) === 'html';
    if (wantsPage && problem.status === 401) {
      response.redirect(303, '/sign-in');
      return;
    }
    if (wantsPage && problem.code === 'second-factor-required') {
      response.redirect(303, '/account/second-factor');
      return;
    }
    if (wantsPage && problem.code === 'account-awaits-confirmation') {
      response.redirect(303, '/account/confirmation');
      return;
    }
    response.status(problem.status);
    if (problem.retryAfterSeconds !== undefined) response.setHeader('retry-after', problem.retryAfterSeconds);
    if (wantsPage) {
      response.render('problem', { problem });
      return;
    }
    response.type('application/problem+json').send(
      JSON.stringify({
        type: `urn:uct-ledger:problem:${problem.code}`,
        title: problem.code,
        status: problem.status,
        code: problem.code,
        detail: problem.detail,
        field: problem.field,
        errors: problem.errors.length > 0 ? problem.errors : undefined,
        requestId: request.requestId,
      }),
    );
  }
}

export function toProblem(thrown: unknown): Problem {
  if (thrown instanceof Problem) return thrown;
  if (thrown instanceof HttpException) return fromHttp(thrown);
  if (thrown instanceof QueryFailedError) {
    const { code, constraint } = thrown.driverError as { code?: string; constraint?: string };
    const known = code ? DATABASE_REFUSALS[code] : undefined;
    if (known) return known(constraint);
  }
  if (isBodyError(thrown)) return fromBodyParser(thrown);
  return new Problem(
    500,
    'internal-error',
    'Something went wrong on our side. Nothing was changed. The request id helps to find it.',
  );
}

function fromHttp(thrown: HttpException): Problem {
  const status = thrown.getStatus();
  const cause = thrown.cause;
  if (cause instanceof Problem) return cause; // thrown while the body was being read
  if (isBodyError(cause)) return fromBodyParser(cause);
  if (status === 404) return new Problem(404, 'not-found', 'There is nothing here.');
  if (status === 413) return new Problem(413, 'body-too-large', 'The request is larger than 512 KB.', 'body');
  if (status === 400 && /JSON/i.test(thrown.message))
    return Problem.malformed('json-malformed', 'The body is not JSON that can be read.', 'body');
  if (status === 400 && /uuid/i.test(thrown.message))
    return Problem.malformed('id-malformed', 'That is not an id of this service.', 'id');
  if (status === 400 && /decode/i.test(thrown.message))
    return Problem.malformed('address-malformed', 'The address cannot be read.');
  return new Problem(status, status === 405 ? 'method-not-allowed' : `http-${status}`, thrown.message);
}

interface BodyError {
  type: string;
  status: number;
}

function isBodyError(thrown: unknown): thrown is BodyError {
  return (
    typeof thrown === 'object' &&
    thrown !== null &&
    'type' in thrown &&
    'status' in thrown &&
    typeof thrown.type === 'string'
  );
}

function fromBodyParser(thrown: BodyError): Problem {
  if (thrown.type === 'entity.too.large')
    return new Problem(413, 'body-too-large', 'The request is larger than 512 KB.', 'body');
  if (thrown.type === 'entity.parse.failed')
    return Problem.malformed('json-malformed', 'The body is not JSON that can be read.', 'body');
  return new Problem(thrown.status, 'body-unreadable', 'The body of the request cannot be read.', 'body');
}
