import { describe, expect, it } from 'vitest';
import { parse } from '../../lib/controller/parse.ts';
import { landSchema, queuedLandingSchema, refuseFuture, reportOf } from '../../lib/controller/requests.ts';
import { addSeconds } from '../../lib/domain/time.ts';
import { NOW } from '../builders/records.ts';
import { HUGE, landing, refusalOf, refused } from './refusals.ts';

describe('a landing', () => {
  it.each<[string, unknown, string]>([
    ['rowCount', -1, '-1 is refused: Too small: expected number to be >=0'],
    ['rowCount', 1.5, '1.5 is refused'],
    ['rowCount', Number.NaN, 'NaN is refused'],
    ['rowCount', Number.POSITIVE_INFINITY, 'Infinity is refused'],
    ['rowCount', 2 ** 53, '9007199254740992 is refused'],
    ['rowCount', '7', '"7" is refused'],
    ['computeSeconds', -0.1, '-0.1 is refused'],
    ['computeSeconds', Number.NaN, 'NaN is refused'],
    ['storageBytes', Number.POSITIVE_INFINITY, 'Infinity is refused'],
    ['storageBytes', 1e300, '1e+300 is refused'],
    ['attempt', 0, '0 is refused'],
    ['attempt', 1_000_001, '1000001 is refused'],
    ['kind', 'replay', 'expected one of "scheduled"|"backfill"'],
    ['final', 'yes', '"yes" is refused'],
    ['checksum', 'with blank', 'printable ASCII without blanks'],
    ['release', '', '"" is refused'],
    ['landedAt', 'yesterday', '"yesterday" is refused: Invalid ISO datetime'],
    ['landedAt', '2026-11-22', 'Invalid ISO datetime'],
    ['landedAt', '2026-11-22T13:00:00', 'Invalid ISO datetime'],
    ['landedAt', '2026-02-30T00:00:00Z', 'Invalid ISO datetime'],
    ['landedAt', 1_795_350_000_000, '1795350000000 is refused'],
    ['startedAt', '2026-11-22T25:00:00Z', 'Invalid ISO datetime'],
  ])('%s: %j is refused', (field, value, message) => {
    const said = refused(landSchema, { ...landing, [field]: value });
    expect(said.field).toBe(field);
    expect(said.message).toContain(message);
    expect(said.message.startsWith(`${field}: `)).toBe(true);
  });

  it('keeps instants in UTC with milliseconds, so that their text is in time order', () => {
    const landedAt = (text: string) => parse(landSchema, { ...landing, landedAt: text });
    expect(landedAt('2026-11-22T14:00:00.5+01:00')).toMatchObject({ landedAt: '2026-11-22T13:00:00.500Z' });
    expect(landedAt('2026-11-22T13:00:00.1234567Z')).toMatchObject({ landedAt: '2026-11-22T13:00:00.123Z' });
  });

  it('in the far future is refused, and within the skew of two clocks it is not', () => {
    expect(refuseFuture({ landedAt: addSeconds(NOW, 900) }, NOW)).toBeUndefined();
    const far = refusalOf(refuseFuture({ landedAt: addSeconds(NOW, 900.001) }, NOW)!);
    expect(far).toMatchObject({ field: 'landedAt' });
    expect(far.message).toBe(
      'landedAt: 2026-11-22T13:15:00.001Z is in the future; up to 900 s after 2026-11-22T13:00:00.000Z is allowed',
    );
  });

  it('in the year 10,000 is refused as well: its text sorts before every date', () => {
    const parsed = parse(landSchema, { ...landing, landedAt: '9999-12-31T23:59:59-05:00' });
    expect('refused' in parsed || refuseFuture(parsed, NOW) !== undefined).toBe(true);
  });

  it('has at most twenty metrics, all of them finite numbers', () => {
    const metrics = (count: number, value: unknown = 1) => ({
      ...landing,
      metrics: Object.fromEntries(Array.from({ length: count }, (_, i) => [`m${i}`, value])),
    });
    expect(parse(landSchema, metrics(20))).not.toHaveProperty('refused');
    expect(refused(landSchema, metrics(21))).toMatchObject({ field: 'metrics' });
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY, '1', null])
      expect(refused(landSchema, metrics(1, bad))).toMatchObject({ field: 'metrics.m0' });
  });

  it('is refused in few words when a metric has a name of 300 KB', () => {
    refused(landSchema, { ...landing, metrics: { [HUGE]: 1 } });
  });

  it('is refused when it is nested a hundred thousand deep, like anything else', () => {
    let deep: unknown = 1;
    for (let i = 0; i < 100_000; i++) deep = [deep];
    expect(refused(landSchema, { ...landing, checksum: deep })).toMatchObject({ field: 'checksum' });
  });

  it('hands on only what was said', () => {
    const parsed = parse(landSchema, { ...landing, computeSeconds: 3 });
    expect(reportOf(parsed as never)).toEqual({
      rowCount: 1_000,
      checksum: 'c0ffee',
      checksumAlgorithm: 'unspecified',
      landedAt: '2026-11-22T13:00:00.000Z',
      computeSeconds: 3,
      kind: 'scheduled',
      final: false,
    });
  });
});

describe('a queued landing', () => {
  const { token: _, ...untold } = landing;
  it('has a token, or says which table was written; not both, not neither', () => {
    expect(parse(queuedLandingSchema, { ...untold, table: 'shadow' })).toMatchObject({ table: 'shadow' });
    for (const input of [untold, { ...landing, table: 'shadow' }]) {
      const { field, message } = refused(queuedLandingSchema, input);
      expect(field).toBe('token');
      expect(message).toContain('either a token, or the table that was written');
    }
  });

  it('does not hand its table on as part of the report', () => {
    const parsed = parse(queuedLandingSchema, { ...untold, table: 'shadow' });
    expect(reportOf(parsed as never)).not.toHaveProperty('table');
  });
});
