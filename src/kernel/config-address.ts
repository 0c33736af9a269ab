/** Addresses in the environment that a secret is sent to. */

/** Where a secret or a sign-in travels it travels encrypted, except within this machine. Undefined when it is missing or wrong; a fault is added to the list. */
export function addressIn(env: NodeJS.ProcessEnv, name: string, faults: string[]): URL | undefined {
  const text = env[name];
  if (!text) return undefined;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isOfThisMachine = url && ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname);
  const isSafe = url && (url.protocol === 'https:' || (url.protocol === 'http:' && isOfThisMachine));
  if (!isSafe || url.username || url.password || url.search || url.hash) {
    faults.push(`${name} must be an address like https://sign-in.example.org (http only on localhost)`);
    return undefined;
  }
  return url;
}
