/** Passwords as argon2id hashes (RFC 9106; OWASP's least: 19 MiB, 2 passes, 1 lane). */
import { Algorithm, hash, verify } from '@node-rs/argon2';
import { Problem } from '../kernel/domain/problem.js';

const ARGON2ID: Algorithm = 2;
const SETTINGS = { algorithm: ARGON2ID, memoryCost: 19_456, timeCost: 2, parallelism: 1 };

/** Throws `password-too-short` or `password-too-long` (422). */
export async function hashPassword(password: string): Promise<string> {
  if (password.length < 12)
    throw Problem.refused('password-too-short', 'A password has at least 12 characters.', 'password');
  if (password.length > 200)
    throw Problem.refused('password-too-long', 'A password has at most 200 characters.', 'password');
  return hash(password, SETTINGS);
}

let decoy: Promise<string> | undefined;

/** Takes as long for a user who does not exist (no hash) as for a wrong password. */
export async function passwordMatches(password: string, passwordHash: string | null): Promise<boolean> {
  decoy ??= hash('nobody has this password', SETTINGS);
  const matches = await verify(passwordHash ?? (await decoy), password);
  return matches && passwordHash !== null;
}
