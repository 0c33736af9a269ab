/**
 * Between the pages and the network: where there is no connection it shows one page that says so, and it keeps nothing else. Not a page, not a
 * list, not a name: pages hold what nobody may find on a phone.
 */
interface Worker {
  addEventListener(
    event: 'install' | 'activate',
    act: (event: { waitUntil(work: Promise<unknown>): void }) => void,
  ): void;
  addEventListener(
    event: 'fetch',
    act: (event: { request: Request; respondWith(answer: Promise<Response>): void }) => void,
  ): void;
  skipWaiting(): Promise<void>;
  registration: { scope: string };
}

const worker = globalThis as unknown as Worker;
const KEPT = 'uct-offline-1';
const OFFLINE = '/offline';
/** Whoever leaves sees nothing of ours, also where there is no connection. */
const NOT_OURS = new Set(['/exit']);

worker.addEventListener('install', (event) => {
  event.waitUntil(keepPage().then(() => worker.skipWaiting()));
});

worker.addEventListener('activate', (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter((name) => name !== KEPT).map((name) => caches.delete(name)))),
  );
});

worker.addEventListener('fetch', (event) => {
  const { request } = event;
  const { pathname, origin } = new URL(request.url);
  if (origin !== new URL(worker.registration.scope).origin || NOT_OURS.has(pathname)) return;
  if (request.mode === 'navigate') event.respondWith(fetch(request).catch(() => keptPage()));
  else if (request.method === 'GET' && pathname.startsWith('/assets/'))
    event.respondWith(fetch(request).catch(() => keptFile(request)));
});

/** The page, and what it is drawn with. */
async function keepPage(): Promise<void> {
  const answer = await fetch(OFFLINE, { credentials: 'same-origin' });
  if (!answer.ok) throw new Error('there is no page to keep');
  const needed = [...(await answer.clone().text()).matchAll(/(?:href|src)="(\/assets\/[^"]+)"/g)].map(
    ([, file]) => file ?? '',
  );
  const cache = await caches.open(KEPT);
  await cache.put(OFFLINE, answer);
  await cache.addAll([...new Set(needed)]);
}

async function keptPage(): Promise<Response> {
  const kept = await caches.match(OFFLINE);
  if (!kept) return Response.error();
  return new Response(kept.body, { status: 503, headers: kept.headers });
}

const keptFile = async (request: Request): Promise<Response> => (await caches.match(request)) ?? Response.error();
