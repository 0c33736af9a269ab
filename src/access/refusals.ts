/** How signing in is refused: the same words wherever it happens. */
import { Problem } from '../kernel/domain/problem.js';
import type { Actor } from './domain/actor.js';

export const signInFailed = () => new Problem(401, 'sign-in-failed', 'The address or the password is not right.');

export const notSignedIn = () => new Problem(401, 'not-signed-in', 'Sign in first.');

export const otpNeeded = () =>
  new Problem(401, 'otp-needed', 'Give the code of your authenticator, or a recovery code, as well.', 'otp');

export const otpWrong = () =>
  new Problem(401, 'otp-wrong', 'That code is not right, or was used before. Wait for the next one.', 'otp');

export const secondFactorRequired = () =>
  new Problem(
    403,
    'second-factor-required',
    'Your role asks for a second factor. Sign in with a browser and set it up.',
  );

export const accountAwaitsConfirmation = () =>
  new Problem(
    403,
    'account-awaits-confirmation',
    'A second administrator has to confirm first that it is really you. Ask one who did not let you in.',
  );

/** Throws `own-account` (422). */
export function refuseOwn(actor: Actor, userId: string): void {
  if (actor.userId === userId)
    throw Problem.refused('own-account', 'Nobody does this to their own account. Ask another administrator.');
}
