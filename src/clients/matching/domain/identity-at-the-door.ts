/** What every identity goes through before it is sealed: Burmese typed in Zawgyi becomes Unicode, so that everybody can read and find it. */
import { fromZawgyi } from '../../../kernel/domain/zawgyi.js';
import type { ClientName, Identity } from '../../domain/identity.js';

/** The identity in Unicode, however deep its texts lie. A name that was converted keeps what was typed in `original`. */
export function inUnicode(identity: Identity): Identity {
  return converted(identity);
}

function converted<T>(value: T): T {
  if (typeof value === 'string') return (fromZawgyi(value) ?? value) as T;
  if (Array.isArray(value)) return value.map(converted) as T;
  if (value === null || typeof value !== 'object') return value;
  const { original, ...rest } = value as Partial<ClientName>;
  const typed = original ?? rest.text;
  const inner = Object.fromEntries(Object.entries(rest).map(([key, text]) => [key, converted(text)]));
  const keeps = original !== undefined || inner.text !== rest.text;
  return (keeps ? { ...inner, original: typed } : inner) as T;
}
