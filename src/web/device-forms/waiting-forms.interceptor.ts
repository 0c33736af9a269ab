/**
 * A form that waited on a device is sent by its script, which says whose it is: another person's session does not take it, and instead of
 * the next page it is told where that would be.
 */
import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import type { Response } from 'express';
import type { AuthenticatedRequest } from '../../access/declarations.js';
import { Problem } from '../../kernel/domain/problem.js';
import { DeviceForms } from './device-forms.js';

export const WAITING_FORM = 'x-waiting-form';

@Injectable()
export class WaitingFormsInterceptor implements NestInterceptor {
  constructor(private readonly forms: DeviceForms) {}

  intercept(context: ExecutionContext, next: CallHandler) {
    const request = context.switchToHttp().getRequest<AuthenticatedRequest>();
    const owner = request.get(WAITING_FORM);
    if (owner !== undefined && request.method === 'POST') {
      if (!request.actor || owner !== this.forms.ownerOf(request.actor))
        throw Problem.conflict('other-person', 'Somebody else is signed in. Sign in as whoever filled in the form.');
      tellWhereItLeads(context.switchToHttp().getResponse<Response>());
    }
    return next.handle();
  }
}

/** A script cannot read where a redirect leads without following it. */
function tellWhereItLeads(response: Response): void {
  response.redirect = (_status: number | string, address?: string) => {
    response.status(200).json({ location: address });
  };
}
