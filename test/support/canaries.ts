/** Words that stand in one place only, and the shapes in which they could turn up where they must not. */

/** All the shapes of a text that a search should know: as it is, encoded for an address, as hexadecimal and base64, in UTF-8 and UTF-16. */
export function sightings(haystack: string, canary: string): string[] {
  const lower = haystack.toLowerCase();
  const anyCase: [string, string][] = [
    ['plain', canary],
    ['escaped for JSON', JSON.stringify(canary).slice(1, -1)],
    ['escaped for HTML', canary.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;')],
    ['encoded for an address', encodeURIComponent(canary)],
    ['encoded for a form', new URLSearchParams({ c: canary }).toString().slice(2)],
    ...(['utf8', 'utf16le'] as const).map((encoding): [string, string] => [
      `hexadecimal ${encoding}`,
      Buffer.from(canary, encoding).toString('hex'),
    ]),
    ['escaped for JSON, every letter', escaped(canary, (unit) => `\\u${unit.toString(16).padStart(4, '0')}`)],
    [
      'escaped for JSON, letters beyond ASCII',
      escaped(canary, (unit) => `\\u${unit.toString(16).padStart(4, '0')}`, /[^ -~]/),
    ],
    ['escaped for HTML, by numbers', entities(canary, (point) => `&#${point};`)],
    ['escaped for HTML, by hexadecimal numbers', entities(canary, (point) => `&#x${point.toString(16)};`)],
    [
      'encoded for an address, every byte',
      [...Buffer.from(canary)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join(''),
    ],
    ['in composed form', canary.normalize('NFC')],
    ['in decomposed form', canary.normalize('NFD')],
    ...compact(canary).map((form): [string, string] => ['without spaces and marks', form]),
    ['a list of bytes', [...Buffer.from(canary)].join(',')],
    ['hexadecimal utf16be', Buffer.from(canary, 'utf16le').swap16().toString('hex')],
  ];
  const exact = (['utf8', 'utf16le'] as const).flatMap((encoding) =>
    inBase64(Buffer.from(canary, encoding)).map((form): [string, string] => [`base64 of ${encoding}`, form]),
  );
  return [
    ...anyCase.filter(([, form]) => lower.includes(form.toLowerCase())),
    ...exact.filter(
      ([, form]) => haystack.includes(form) || haystack.includes(form.replaceAll('+', '-').replaceAll('/', '_')),
    ),
  ].map(([shape]) => `${canary} (${shape})`);
}

function escaped(text: string, write: (unit: number) => string, which = /[^]/): string {
  return text
    .split('')
    .map((unit) => (which.test(unit) ? write(unit.charCodeAt(0)) : unit))
    .join('');
}

function entities(text: string, write: (point: number) => string): string {
  return [...text].map((letter) => (/[^ -~]/.test(letter) ? write(letter.codePointAt(0) ?? 0) : letter)).join('');
}

/** As an index would take it. Of a few digits there would be sightings by chance. */
function compact(text: string): string[] {
  const form = text.replace(/[^\p{L}\p{M}\p{N}]/gu, '');
  return form.length >= 10 ? [form] : [];
}

/** What is certain of its base64 wherever it begins in a longer text: three alignments, without their edges. */
function inBase64(bytes: Buffer): string[] {
  return [0, 1, 2].map((offset) => {
    const encoded = Buffer.concat([Buffer.alloc(offset), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    const edge = (offset + bytes.length) % 3 === 0 ? 0 : 1;
    return encoded.slice(Math.ceil((offset * 8) / 6), encoded.length - edge);
  });
}
