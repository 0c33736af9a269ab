/** The account that mobile money is sent to: a telephone number in international form, or a wallet's own id. */
import type { RailAccount } from '../../rail-port.js';

/** ITU-T E.164 country codes of the countries that we pay in. */
const CALLING_CODES: Readonly<Record<string, string>> = {
  TH: '66',
  MM: '95',
  LA: '856',
  KH: '855',
  VN: '84',
  ID: '62',
  PH: '63',
  MY: '60',
};

/** Null when nobody can be paid by it: better not sent than sent to somebody else. */
export function accountOf(payee: { account: string; kind?: string } | null, country: string): RailAccount | null {
  if (payee?.kind !== 'wallet') return null;
  const written = payee.account.normalize('NFKC').replace(/[\s().-]/g, '');
  const international = inFull(written, CALLING_CODES[country]);
  if (international) return { kind: 'phone', value: international };
  return /^[A-Za-z0-9@_]{4,64}$/.test(written) && !/^\d+$/.test(written) ? { kind: 'wallet', value: written } : null;
}

/** A number without a country's code and without the zero before it could be anybody's. */
function inFull(written: string, callingCode: string | undefined): string | null {
  if (/^\+[1-9]\d{7,14}$/.test(written)) return written;
  if (/^00[1-9]\d{7,14}$/.test(written)) return `+${written.slice(2)}`;
  return callingCode && /^0[1-9]\d{6,11}$/.test(written) ? `+${callingCode}${written.slice(1)}` : null;
}
