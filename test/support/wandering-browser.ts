/** A browser that goes from site to site: it follows redirects one by one, keeps each site's cookies and gives them to nobody else. */
import type { NestExpressApplication } from '@nestjs/platform-express';

interface Cookie {
  name: string;
  value: string;
  path: string;
  attributes: string;
}

export interface Page {
  /** Where the browser ended. */
  address: URL;
  status: number;
  headers: Headers;
  text: string;
}

const MOST_REDIRECTS = 12;

export class WanderingBrowser {
  private readonly cookies = new Map<string, Cookie[]>();
  /** Every address that was asked for, in order. */
  readonly way: string[] = [];

  /** What is asked of `publicUrl` is asked of the service, as a proxy with TLS would. */
  constructor(
    private readonly publicUrl: string,
    private readonly app: NestExpressApplication,
  ) {}

  /** Asks for a page and follows where it leads, until a page comes or `stopAt` says that this address is not to be asked. */
  async open(
    address: string,
    {
      form,
      stopAt,
      headers,
    }: { form?: Record<string, string>; stopAt?: (address: URL) => boolean; headers?: Record<string, string> } = {},
  ): Promise<Page> {
    let at = new URL(address, this.publicUrl);
    let sent = form;
    for (let step = 0; step < MOST_REDIRECTS; step++) {
      const answer = await this.ask(at, sent, headers);
      const location = answer.headers.get('location');
      const next = location === null ? undefined : new URL(location, at);
      if (!next || stopAt?.(next)) {
        return { address: next ?? at, status: answer.status, headers: answer.headers, text: await answer.text() };
      }
      at = next;
      sent = undefined;
    }
    throw new Error('the redirects do not end');
  }

  /** The cookie as it would be sent, or undefined. */
  cookie(origin: string, name: string): Cookie | undefined {
    return this.cookies.get(origin)?.find((cookie) => cookie.name === name);
  }

  setCookie(origin: string, cookie: Cookie): void {
    const others = (this.cookies.get(origin) ?? []).filter(({ name }) => name !== cookie.name);
    this.cookies.set(origin, [...others, cookie]);
  }

  private async ask(
    at: URL,
    form: Record<string, string> | undefined,
    headers: Record<string, string> = {},
  ): Promise<Response> {
    this.way.push(at.href);
    const real = at.origin === this.publicUrl ? new URL(at.pathname + at.search, await this.app.getUrl()) : at;
    const cookies = (this.cookies.get(at.origin) ?? []).filter(({ path }) => at.pathname.startsWith(path));
    const answer = await fetch(real, {
      redirect: 'manual',
      method: form ? 'POST' : 'GET',
      body: form && new URLSearchParams(form),
      headers: {
        accept: 'text/html',
        ...(cookies.length > 0 ? { cookie: cookies.map(({ name, value }) => `${name}=${value}`).join('; ') } : {}),
        ...headers,
      },
    });
    for (const line of answer.headers.getSetCookie()) this.keep(at.origin, line);
    return answer;
  }

  private keep(origin: string, line: string): void {
    const [, name = '', value = '', attributes = ''] = /^([^=]+)=([^;]*)(.*)$/.exec(line) ?? [];
    const path = /; *path=([^;]*)/i.exec(attributes)?.[1] ?? '/';
    const runsOut = /; *expires=([^;]*)/i.exec(attributes)?.[1];
    const isGone = value === '' || (runsOut !== undefined && new Date(runsOut).getTime() <= 0);
    if (isGone)
      this.cookies.set(
        origin,
        (this.cookies.get(origin) ?? []).filter((cookie) => cookie.name !== name),
      );
    else this.setCookie(origin, { name, value, path, attributes });
  }
}
