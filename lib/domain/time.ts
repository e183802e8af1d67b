/** Instants and durations. The domain has no clock: `now` is always an argument. */

/** ISO-8601 in UTC with milliseconds (`2026-11-22T13:00:00.000Z`), so that text order is time order. */
export type Instant = string;

let parsed: { at: Instant; ms: number } = { at: '', ms: Number.NaN };

/** A decision asks for the same `now` some twenty times, and parsing it was a tenth of its price. */
export function toMs(at: Instant): number {
  if (at !== parsed.at) parsed = { at, ms: Date.parse(at) };
  return parsed.ms;
}

export function toInstant(ms: number): Instant {
  return new Date(ms).toISOString();
}

export function addSeconds(at: Instant, seconds: number): Instant {
  return toInstant(toMs(at) + seconds * 1000);
}

/** Seconds from `from` to `to`; negative when `to` is earlier. */
export function secondsBetween(from: Instant, to: Instant): number {
  return (toMs(to) - toMs(from)) / 1000;
}

export function laterOf(a: Instant, b: Instant): Instant {
  return a >= b ? a : b;
}

export function earlierOf(a: Instant, b: Instant): Instant {
  return a <= b ? a : b;
}

const UNITS: readonly [string, number][] = [
  ['d', 86_400],
  ['h', 3_600],
  ['min', 60],
  ['s', 1],
];

/** `93784` -> `1 d 2 h`: the two largest units, for messages. */
export function describeSeconds(seconds: number): string {
  if (Math.abs(seconds) < 1) return `${Number(seconds.toPrecision(2))} s`;
  let rest = Math.round(Math.abs(seconds));
  const parts: string[] = [];
  for (const [unit, size] of UNITS) {
    const count = Math.floor(rest / size);
    if (count > 0) parts.push(`${count} ${unit}`);
    rest -= count * size;
    if (parts.length === 2) break;
  }
  return `${seconds < 0 ? '-' : ''}${parts.join(' ')}`;
}
