import { describe, expect, it } from 'vitest';
import { type Asked, refuseForeign, SECURITY_HEADERS, VerbTokens } from '../../lib/local/dashboard-guard.ts';

const URL_HERE = 'http://127.0.0.1:4400';
const get = (given: Partial<Asked> = {}): Asked => ({
  method: 'GET',
  host: '127.0.0.1:4400',
  origin: undefined,
  site: 'none',
  mode: 'navigate',
  ...given,
});
const post = (given: Partial<Asked> = {}): Asked =>
  get({ method: 'POST', origin: URL_HERE, site: 'same-origin', ...given });

describe('the dashboard answers', () => {
  const allowed: [what: string, asked: Asked][] = [
    ['who opens it', get()],
    ['who calls it localhost', get({ host: 'localhost:4400' })],
    ['who follows a link from a chat or a runbook', get({ site: 'cross-site' })],
    ['its own pages', get({ site: 'same-origin', mode: 'cors' })],
    ['curl, which says nothing of itself', get({ site: undefined, mode: undefined })],
    ['a verb of its own form', post()],
    ['a verb of its own form by the name localhost', post({ host: 'localhost:4400', origin: 'http://localhost:4400' })],
  ];
  it.each(allowed)('%s', (_, asked) => {
    expect(refuseForeign(asked, URL_HERE)).toBeUndefined();
  });
});

describe('the dashboard refuses', () => {
  const refused: [what: string, asked: Asked, message: string][] = [
    ['a name that was rebound to loopback', get({ host: 'evil.example:4400' }), 'Host evil.example:4400'],
    ['a name below localhost', get({ host: 'evil.localhost:4400' }), 'Host'],
    ['another port', get({ host: '127.0.0.1:9999' }), 'Host'],
    ['a request without a host', get({ host: undefined }), 'Host'],
    ['what a foreign page fetches', get({ site: 'cross-site', mode: 'no-cors' }), 'another site'],
    [
      'what a page of another port fetches, which has the same cookies',
      get({ site: 'same-site', mode: 'cors' }),
      'another site',
    ],
    ['a form of a foreign page', post({ site: 'cross-site', origin: 'https://evil.example' }), 'another site'],
    ['a form of a page of another port', post({ site: 'same-site', origin: 'http://127.0.0.1:3000' }), 'another site'],
    [
      'a foreign origin of a browser that says no more',
      post({ site: undefined, origin: 'https://evil.example' }),
      'Origin',
    ],
    ['an origin of the other name', post({ origin: 'http://localhost:4400' }), 'Origin'],
    ['the origin of a sandbox', post({ origin: 'null' }), 'Origin null'],
    [
      'a verb that says nothing of where it comes from',
      post({ origin: undefined, site: undefined }),
      'without an Origin',
    ],
  ];
  it.each(refused)('%s', (_, asked, message) => {
    expect(refuseForeign(asked, URL_HERE)).toContain(message);
  });
});

describe('the secrets of a process', () => {
  const tokens = new VerbTokens(URL_HERE);

  it('are wanted both, whole, and each in its place', () => {
    const { cookie, field } = tokens;
    expect(tokens.accept(cookie, field)).toBe(true);
    for (const [a, b] of [
      [undefined, field],
      [cookie, undefined],
      ['', ''],
      [cookie, cookie],
      [field, cookie],
      [cookie, `${field}x`],
      [cookie.slice(1), field],
    ]) {
      expect(tokens.accept(a, b)).toBe(false);
    }
  });

  it('of another process are not accepted', () => {
    const other = new VerbTokens(URL_HERE);
    expect(tokens.accept(other.cookie, tokens.field)).toBe(false);
    expect(tokens.accept(tokens.cookie, other.field)).toBe(false);
  });

  it('stay out of the reach of scripts and of other sites', () => {
    expect(tokens.setCookie).toMatch(/^crossfade-4400=.+; Path=\/; HttpOnly; SameSite=Strict$/);
    expect(SECURITY_HEADERS['content-security-policy']).toContain("default-src 'none'");
    expect(SECURITY_HEADERS['content-security-policy']).not.toContain('unsafe');
  });
});
