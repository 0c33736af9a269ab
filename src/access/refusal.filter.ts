/** Writes down who was refused what, before the answer leaves: by the guard or by a service, it all comes past here. */
import { Catch, type ArgumentsHost } from '@nestjs/common';
import { ProblemFilter, toProblem, type AskToSignIn } from '../kernel/http/problem.filter.js';
import { AuditTrail } from './audit-trail.js';
import type { AuthenticatedRequest } from './declarations.js';

@Catch()
export class RefusalFilter extends ProblemFilter {
  constructor(
    private readonly audit: AuditTrail,
    askToSignIn?: AskToSignIn,
  ) {
    super(askToSignIn);
  }

  override catch(thrown: unknown, host: ArgumentsHost): void {
    const { actor, handler } = host.switchToHttp().getRequest<AuthenticatedRequest>();
    const { status, code } = toProblem(thrown);
    if (status !== 403 || !actor || !handler) return super.catch(thrown, host);
    // When it cannot be recorded, the answer is that fault (500), never an open door.
    this.audit.refusal(actor, { kind: 'route', id: handler }, { code }).then(
      () => super.catch(thrown, host),
      (fault: unknown) => super.catch(fault, host),
    );
  }
}
