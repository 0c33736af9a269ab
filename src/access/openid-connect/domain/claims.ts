/** What the claims of an ID token say about a person, as far as we heed them (OpenID Connect Core 1.0; RFC 8176 for `amr`). */
export type Claims = Readonly<Record<string, unknown>>;

/** Ways of signing in that take more than a password: several factors, a one-time password, a key in hardware or in software. */
const SECOND_FACTORS = new Set(['mfa', 'otp', 'hwk', 'swk']);

/** Whether the provider says that it asked for a second factor: in `amr`, or by an `acr` that the operator knows to mean it. */
export function hasSecondFactor({ amr, acr }: Claims, secondFactorAcr: readonly string[]): boolean {
  const ways: unknown[] = Array.isArray(amr) ? amr : [];
  return (
    ways.some((way) => typeof way === 'string' && SECOND_FACTORS.has(way)) ||
    (typeof acr === 'string' && secondFactorAcr.includes(acr))
  );
}

/**
 * The address that the provider vouches for, in lower case, or null. Only A to Z are lowered: the Kelvin sign becomes a k in Unicode, and
 * whoever has an address with one would be taken for whoever has the k.
 */
export function verifiedEmail({ email, email_verified }: Claims): string | null {
  if (typeof email !== 'string' || email_verified !== true) return null;
  return email.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}
