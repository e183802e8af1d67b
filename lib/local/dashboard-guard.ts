/**
 * Who the local dashboard answers. It has no login and stands on loopback, where any page in a browser of this machine can
 * send it requests: a foreign one by a form or an image, one whose name was rebound to 127.0.0.1, or one of another server
 * on another port, to which a browser sends the same cookies. So the name that was asked for must be this endpoint's own,
 * requests that a page makes must come from here, and a verb wants two secrets of this process: one that only the browser
 * keeps, and one that only pages of this dashboard carry.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto';

/** What a request says about itself. */
export interface Asked {
  method: string;
  host: string | undefined;
  origin: string | undefined;
  /** `Sec-Fetch-Site` and `Sec-Fetch-Mode`, which browsers send and pages cannot change. */
  site: string | undefined;
  mode: string | undefined;
}

/** @param url of the endpoint, `http://127.0.0.1:4400`. @returns why the request is refused; nothing when it is not. */
export function refuseForeign(asked: Asked, url: string): string | undefined {
  const { port } = new URL(url);
  const hosts = [`127.0.0.1:${port}`, `localhost:${port}`];
  const { method, host = '', origin, site, mode } = asked;
  if (!hosts.includes(host)) return `Host ${host.slice(0, 100)} is refused: open ${url}`;
  const reads = method === 'GET' || method === 'HEAD';
  // A link from anywhere may lead to a page; what pages fetch, and every verb, comes from here.
  const follows = reads && mode === 'navigate';
  if (site !== undefined && site !== 'same-origin' && site !== 'none' && !follows) {
    return `A request from another site is refused: open ${url} itself`;
  }
  if (origin !== undefined && origin !== `http://${host}`) {
    return `Origin ${origin.slice(0, 100)} is refused: open ${url} itself`;
  }
  if (!reads && origin === undefined) return `A verb without an Origin is refused: send it from a page of ${url}`;
  return undefined;
}

export class VerbTokens {
  /** Ports share cookies, so that the name says whose it is. */
  readonly cookieName: string;
  readonly cookie = randomBytes(32).toString('base64url');
  readonly field = randomBytes(32).toString('base64url');

  constructor(url: string) {
    this.cookieName = `crossfade-${new URL(url).port}`;
  }

  get setCookie(): string {
    return `${this.cookieName}=${this.cookie}; Path=/; HttpOnly; SameSite=Strict`;
  }

  /** Both secrets are this process's. A page that was loaded before a restart has older ones. */
  accept(cookie: string | undefined, field: string | undefined): boolean {
    // Both are compared, always, so that nothing can be told from the time it takes.
    const first = isEqual(cookie, this.cookie);
    return isEqual(field, this.field) && first;
  }
}

function isEqual(given: string | undefined, wanted: string): boolean {
  const bytes = Buffer.from(given ?? '');
  return bytes.length === wanted.length && timingSafeEqual(bytes, Buffer.from(wanted));
}

/**
 * Nothing runs, loads, sends or frames but what this server has. Scripts and styles by address only: what a job says could
 * not act even if it were not escaped.
 */
export const SECURITY_HEADERS: Readonly<Record<string, string>> = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  // Not `no-referrer`, with which forms would come without their origin.
  'referrer-policy': 'same-origin',
  'cache-control': 'no-store',
};
