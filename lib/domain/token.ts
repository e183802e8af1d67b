/**
 * The right to write one partition, as callers see it: opaque, fixed width, so that comparing two as text tells which
 * is newer. That is what a destination needs to refuse the older one.
 */
export interface Token {
  generation: number;
  /** 0 for a right to write shadow, which no grant fences. */
  grant: number;
}

const WIDTH = 10;
const FORMAT = /^(\d{10})\.(\d{10})$/;

export function formatToken(token: Token): string {
  return `${String(token.generation).padStart(WIDTH, '0')}.${String(token.grant).padStart(WIDTH, '0')}`;
}

export function parseToken(text: string): Token | undefined {
  const match = FORMAT.exec(text);
  if (!match) return undefined;
  return { generation: Number(match[1]), grant: Number(match[2]) };
}

/** Negative when `a` is older than `b`. */
export function compareTokens(a: Token, b: Token): number {
  return a.generation - b.generation || a.grant - b.grant;
}
