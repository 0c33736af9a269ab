/** What of a fault may be written down: its kind and where in the code it happened. Never its message, which may quote what somebody sent or what a row holds. */

/** Columns and values are left out; a table or a constraint says which rule was broken and nobody's data. */
const HARMLESS = ['code', 'table', 'constraint', 'routine'] as const;
const FRAMES_KEPT = 12;

export function faultWords(thrown: unknown): string {
  if (!(thrown instanceof Error)) return 'unknown';
  const driver = 'driverError' in thrown && thrown.driverError instanceof Error ? thrown.driverError : thrown;
  const details = HARMLESS.flatMap((name) => {
    const value = (driver as unknown as Record<string, unknown>)[name];
    return typeof value === 'string' && /^[\w.-]{1,80}$/.test(value) ? [`${name} ${value}`] : [];
  });
  return [[thrown.name, ...details].join(', '), ...framesOf(thrown)].join('\n');
}

/** The places, without the first lines, which repeat the message. */
function framesOf({ stack = '', message }: Error): string[] {
  const afterMessage = message === '' ? stack : stack.slice(stack.indexOf(message) + message.length);
  return afterMessage
    .split('\n')
    .filter((line) => /^ {4}at \S/.test(line))
    .slice(0, FRAMES_KEPT);
}
