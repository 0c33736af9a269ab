/** A browser with its own cookies that asks for pages and sends their forms, with the hidden fields that the page put into them. */
import request from 'supertest';
import { TEST_PASSWORD, type TestService } from './service.js';

export class Browser {
  private readonly agent;

  constructor(service: TestService) {
    this.agent = request.agent(service.app.getHttpServer());
  }

  open(path: string): request.Test {
    return this.agent.get(path).set('accept', 'text/html');
  }

  /** Opens a page and sends one of its forms. */
  async send(
    page: string,
    action: string,
    typed: Record<string, string | readonly string[]> = {},
  ): Promise<request.Response> {
    const { text } = await this.open(page);
    const form = text.split('<form').find((part) => part.includes(`action="${action}"`));
    if (!form) throw new Error(`${page} has no form for ${action}`);
    return this.post(action, { ...hiddenFields(form), ...typed });
  }

  post(action: string, fields: Record<string, string | readonly string[]>): request.Test {
    return this.agent.post(action).set('accept', 'text/html').type('form').send(fields);
  }

  /** Sends the page's form that has a file in it. */
  async sendFile(page: string, content: string, fields: Record<string, string> = {}): Promise<request.Response> {
    const { text } = await this.open(page);
    const action = /<form action="([^"]*)"[^>]*enctype="multipart\/form-data"/.exec(text)?.[1];
    if (!action) throw new Error(`${page} has no form for a file`);
    const sent = this.agent.post(action.replaceAll('&amp;', '&')).set('accept', 'text/html').field(fields);
    return sent.attach('file', Buffer.from(content), 'from-the-bank.xml');
  }

  /** The first step of signing in: where it leads. */
  async giveEmailAndPassword(email: string, password = TEST_PASSWORD): Promise<string | undefined> {
    const answer = await this.send('/sign-in', '/sign-in', { email, password });
    return answer.headers.location;
  }
}

export function hiddenFields(form: string): Record<string, string> {
  const body = form.slice(0, form.indexOf('</form>'));
  const fields = [...body.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)">/g)];
  return Object.fromEntries(fields.map(([, name = '', value = '']) => [name, value]));
}

export const titleOf = ({ text }: request.Response) => /<title\s*>([^<]*)<\/title>/.exec(text)?.[1];

/** What the error summary says, with the fields that it leads to. */
export const faultsOf = ({ text }: request.Response) =>
  [...text.matchAll(/<a href="(#[^"]*)">([^<]*)<\/a>/g)]
    .map(([, href, words]) => [href, words])
    .filter(([href]) => href !== '#main-content');

/** The session's token that an answer sets; undefined when it sets none. */
export function sessionCookieIn({ headers }: request.Response): string | undefined {
  const cookies = [headers['set-cookie'] ?? []].flat();
  return cookies.map((cookie) => /^uct_session=([^;]+)/.exec(cookie)?.[1]).find(Boolean);
}

/** The text of the element with that id. */
export function textAt({ text }: request.Response, id: string): string {
  const inside = new RegExp(`id="${id}"[^>]*>([\\s\\S]*?)</`).exec(text)?.[1];
  if (inside === undefined) throw new Error(`nothing has the id ${id}`);
  return inside.trim();
}
