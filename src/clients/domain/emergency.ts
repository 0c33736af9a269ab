/** Why somebody may look at a client who is not theirs, and for how long. */
import { Problem } from '../../kernel/domain/problem.js';
import { sentence } from '../../kernel/domain/sentence.js';

export const emergencyReasons = ['client-in-danger', 'medical', 'caseworker-not-there', 'client-asked', 'law'] as const;
export type EmergencyReason = (typeof emergencyReasons)[number];

export const EMERGENCY_HOURS = 4;
export const EMERGENCIES_AT_ONCE = 5;

export function tooManyEmergencies(): Problem {
  return Problem.conflict(
    'too-many-emergencies',
    sentence(
      'You have {most} emergency accesses open. Wait until one has ended, or ask your supervisor to assign the client.',
      { most: EMERGENCIES_AT_ONCE },
    ),
  );
}
