/** What stands around every page: who is signed in, where they may go, and the token that forms carry. */
import type { Response } from 'express';
import type { Csrf } from '../access/csrf.js';
import type { AuthenticatedRequest } from '../access/declarations.js';
import type { Actor, Permission } from '../access/domain/actor.js';
import type { DeviceForms } from './device-forms/device-forms.js';
import { msgs, t } from './languages/language.js';

export interface PageShell {
  actor: Actor | undefined;
  navigation: { href: string; text: string; current: 'page' | 'true' | null }[];
  csrfToken: string;
  requestId: string;
  /** Whether the page may show something of clients, so that whoever reads it may have to be gone at once. */
  mayExit: boolean;
  /** What the device needs to keep forms that could not be sent. */
  device: ReturnType<DeviceForms['forPageOf']>;
}

interface Place {
  href: string;
  text: string;
  anyOf: readonly Permission[];
  /** Whoever may do this too has the place under another name. */
  unless?: Permission;
}

const PLACES: readonly Place[] = msgs<readonly Place[]>([
  { href: '/', text: 'Start', anyOf: ['catalogue:read'] },
  { href: '/clients', text: 'Clients', anyOf: ['clients:read'] },
  { href: '/team', text: 'Team', anyOf: ['clients:read-team'] },
  { href: '/emergency-access', text: 'Emergency access', anyOf: ['clients:emergency', 'emergencies:read'] },
  { href: '/priorities', text: 'Priorities', anyOf: ['priorities:read'] },
  { href: '/runs', text: 'Runs', anyOf: ['runs:read'] },
  { href: '/cash', text: 'Cash', anyOf: ['cash:hand-out'] },
  { href: '/cash-i-carry', text: 'Cash I carry', anyOf: ['cash:carry'] },
  { href: '/transfers', text: 'Transfers', anyOf: ['transfers:read'] },
  { href: '/bank-reports', text: 'Bank reports', anyOf: ['runs:read'] },
  { href: '/work-items', text: 'Work list', anyOf: ['runs:read'] },
  { href: '/month-end', text: 'Month-end', anyOf: ['books:read'] },
  { href: '/wages', text: 'Wages', anyOf: ['wages:maintain', 'transfers:read'] },
  { href: '/exchange-rates', text: 'Exchange rates', anyOf: ['funds:read'] },
  { href: '/value-reviews', text: 'Value reviews', anyOf: ['transfers:read'] },
  { href: '/books', text: 'Books', anyOf: ['books:read'] },
  { href: '/log', text: 'Proof', anyOf: ['books:read'] },
  { href: '/audit', text: 'Audit trail', anyOf: ['audit:read'] },
  { href: '/my-funds', text: 'My funds', anyOf: ['reports:read-own'] },
  { href: '/reports', text: 'My reports', anyOf: ['reports:read-own'], unless: 'reports:read' },
  { href: '/reports', text: 'Donor reports', anyOf: ['reports:read'] },
  { href: '/users', text: 'Users', anyOf: ['users:manage'] },
]);

/** Worked out when a page is rendered and not before: only then is it known who asks, and only then is a token made. */
export function pageShell(
  request: AuthenticatedRequest,
  response: Response,
  csrf: Csrf,
  deviceForms: DeviceForms,
): PageShell {
  const { actor, path } = request;
  return {
    actor,
    navigation: actor ? navigationFor(actor, path) : [],
    csrfToken: csrf.tokenFor(request, response),
    requestId: request.requestId,
    device: deviceForms.forPageOf(actor),
    mayExit: actor?.permissions.has('clients:read') ?? false,
  };
}

export function navigationFor(actor: Actor, path: string): PageShell['navigation'] {
  const may = (permission: Permission) => actor.permissions.has(permission);
  const open = PLACES.filter(({ anyOf, unless }) => anyOf.some(may) && !(unless && may(unless)));
  return open.map(({ href, text }) => ({
    href,
    text: t(text),
    current: currentAt(href, path),
  }));
}

/** For aria-current: the page itself, or a page below it. */
function currentAt(href: string, path: string): 'page' | 'true' | null {
  if (path === href) return 'page';
  return href !== '/' && path.startsWith(`${href}/`) ? 'true' : null;
}
