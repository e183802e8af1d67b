import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { durationSeconds } from '../../lib/domain/duration.ts';
import { shortName } from '../../lib/domain/evidence/pair.ts';
import { fnv1a32, SHARDS, shardOf } from '../../lib/domain/hash.ts';
import { describeSeconds, earlierOf, laterOf, secondsBetween, toInstant, toMs } from '../../lib/domain/time.ts';
import { compareTokens, formatToken, parseToken } from '../../lib/domain/token.ts';

const counter = fc.integer({ min: 0, max: 9_999_999_999 });
const token = fc.record({ generation: counter, grant: counter });

describe('a token', () => {
  it('comes back as it went out', () => {
    fc.assert(
      fc.property(token, (one) => {
        expect(parseToken(formatToken(one))).toEqual(one);
      }),
    );
  });

  it('compares as text the way its right compares, which is all that a destination can do', () => {
    const near = fc.record({ generation: fc.integer({ min: 0, max: 12 }), grant: fc.integer({ min: 0, max: 12 }) });
    fc.assert(
      fc.property(fc.oneof(token, near), fc.oneof(token, near), (a, b) => {
        const [textA, textB] = [formatToken(a), formatToken(b)];
        expect(Math.sign(compareTokens(a, b))).toBe(textA < textB ? -1 : textA > textB ? 1 : 0);
      }),
    );
  });

  it.each([
    '',
    '1.1',
    '0000000001',
    '0000000001.000000001',
    '0000000001.00000000012',
    ' 0000000001.0000000001',
    '0000000001.0000000001\n',
    '-000000001.0000000001',
    '0000000001,0000000001',
    '٠٠٠٠٠٠٠٠٠١.0000000001',
  ])('refuses %j', (text) => expect(parseToken(text)).toBeUndefined());
});

describe('describeSeconds', () => {
  it.each([
    [0, '0 s'],
    [0.25, '0.25 s'],
    [-0.5, '-0.5 s'],
    [1, '1 s'],
    [59, '59 s'],
    [59.7, '1 min'],
    [60, '1 min'],
    [3_599, '59 min 59 s'],
    [3_600, '1 h'],
    [93_784, '1 d 2 h'],
    [86_401, '1 d 1 s'],
    [-90, '-1 min 30 s'],
  ])('%d is %s', (seconds, text) => expect(describeSeconds(seconds)).toBe(text));

  it('is short and never empty, whatever the number', () => {
    const seconds = fc.oneof(fc.double({ min: -1e12, max: 1e12, noNaN: true }), fc.integer({ min: -1e9, max: 1e9 }));
    fc.assert(
      fc.property(seconds, (value) => {
        const text = describeSeconds(value);
        expect(text).toMatch(/^-?[\d.e-]+ (d|h|min|s)( \d+ (h|min|s))?$/);
        expect(text.length).toBeLessThan(40);
      }),
    );
  });
});

describe('shortName', () => {
  const name = fc.string({ unit: fc.constantFrom(...'abcdT-0123456789~#_ '), minLength: 0, maxLength: 128 });
  it('never exceeds its limit, and leaves a short name as it is', () => {
    fc.assert(
      fc.property(name, fc.constantFrom(14, 26), (text, limit) => {
        const short = shortName(text, limit);
        expect(short.length).toBeLessThanOrEqual(limit);
        if (text.length <= limit) expect(short).toBe(text);
        else expect(short.startsWith(text.slice(0, 4))).toBe(true);
      }),
    );
  });

  it('tells long names apart that begin alike', () => {
    const names = Array.from({ length: 2_000 }, (_, i) => `2026-11-22T13-region-eu-west-1-customer-${i}`);
    expect(new Set(names.map((one) => shortName(one, 26))).size).toBe(names.length);
  });
});

describe('durations as people write them', () => {
  it.each([
    ['90s', 90],
    ['15m', 900],
    ['15 min', 900],
    ['36h', 129_600],
    ['1.5h', 5_400],
    ['7d', 604_800],
    ['2w', 1_209_600],
    [0, 0],
    [12.5, 12.5],
  ])('%j is %d s', (text, seconds) => expect(durationSeconds.parse(text)).toBe(seconds));

  it.each([
    '',
    'h',
    '1y',
    '-1h',
    '1e3s',
    '1h30m',
    ' 1h',
    '1 h ',
    '0x10s',
    '∞h',
    -1,
    Number.NaN,
    Number.POSITIVE_INFINITY,
    null,
    true,
  ])('refuses %j', (text) => expect(durationSeconds.safeParse(text).success).toBe(false));

  it('refuses as text what it refuses as a number', () => {
    expect(durationSeconds.safeParse(4e8).success).toBe(false);
  });

  it('refuses ten thousand years written as text, which no date could hold', () => {
    expect(durationSeconds.safeParse('522000w').success).toBe(false);
  });
});

describe('instants', () => {
  it('round-trip, and their text is in time order', () => {
    const ms = fc.integer({ min: 0, max: 4_102_444_800_000 });
    fc.assert(
      fc.property(ms, ms, (a, b) => {
        expect(toMs(toInstant(a))).toBe(a);
        expect(toInstant(a) < toInstant(b)).toBe(a < b);
        expect(toMs(laterOf(toInstant(a), toInstant(b)))).toBe(Math.max(a, b));
        expect(toMs(earlierOf(toInstant(a), toInstant(b)))).toBe(Math.min(a, b));
        expect(secondsBetween(toInstant(a), toInstant(b))).toBe((b - a) / 1000);
      }),
    );
  });
});

describe('the shard of a job', () => {
  it('is FNV-1a of the id, as published', () => {
    // Test vectors of draft-eastlake-fnv.
    expect(fnv1a32('')).toBe(0x811c9dc5);
    expect(fnv1a32('a')).toBe(0xe40c292c);
    expect(fnv1a32('foobar')).toBe(0xbf9cf968);
  });

  it('spreads fifty thousand similar names so that no shard has twice its share', () => {
    const counts = new Array<number>(SHARDS).fill(0);
    for (let i = 0; i < 50_000; i++) counts[shardOf(`team-${i % 40}-orders-${i}`)]! += 1;
    expect(Math.max(...counts)).toBeLessThan((2 * 50_000) / SHARDS);
    expect(Math.min(...counts)).toBeGreaterThan(50_000 / SHARDS / 2);
  });
});
