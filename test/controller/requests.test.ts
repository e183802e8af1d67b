/** Bad input at every boundary: refused with the field, the value seen and what is allowed, in few words. */
import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { parse } from '../../lib/controller/parse.ts';
import {
  assignSchema,
  completeSchema,
  holdSchema,
  landSchema,
  owedSchema,
  parseRegistration,
  pauseSchema,
  promoteSchema,
  publishedSchema,
  queuedLandingSchema,
  refuseFuture,
  registerSchema,
  reportOf,
} from '../../lib/controller/requests.ts';
import { addSeconds } from '../../lib/domain/time.ts';
import { NOW } from '../builders/records.ts';

const HUGE = 'x'.repeat(300_000);
const TOKEN = '0000000001.0000000001';
const named = { jobId: 'flights-atl', partition: '2026-11-22T13', system: 'old' };
const landing = { ...named, token: TOKEN, rowCount: 1_000, checksum: 'c0ffee', landedAt: '2026-11-22T13:00:00Z' };
const by = { jobId: 'flights-atl', actor: 'ann', reason: 'because' };
const registration = { jobId: 'flights-atl', team: 'flights' };

type Boundary = [schema: z.ZodType, valid: Record<string, unknown>];
const BOUNDARIES: Record<string, Boundary> = {
  assign: [assignSchema, named],
  land: [landSchema, landing],
  published: [publishedSchema, { ...named, token: TOKEN, checksum: 'c0ffee' }],
  'a queued landing': [queuedLandingSchema, landing],
  owed: [owedSchema, { system: 'old' }],
  promote: [promoteSchema, by],
  complete: [completeSchema, { ...by, confirm: 'flights-atl' }],
  hold: [holdSchema, by],
  pause: [pauseSchema, { actor: 'ann', reason: 'because' }],
};

/** What came back, as an operator would read it; a refusal has to be one, and short. */
function refusalOf(result: object): { field: string | undefined; message: string } {
  expect(result).toMatchObject({ refused: true, code: 'Invalid' });
  const { field, message } = result as { field?: string; message: string };
  expect(message.length).toBeLessThan(600);
  expect(field?.length ?? 0).toBeLessThan(200);
  return { field, message };
}

const refused = (schema: z.ZodType, input: unknown) => refusalOf(parse(schema, input) as object);
const refusedJob = (given: object) => refusalOf(parseRegistration({ ...registration, ...given }));

describe.each(Object.entries(BOUNDARIES))('%s', (_, [schema, valid]) => {
  it('takes what is valid', () => expect(parse(schema, valid)).not.toHaveProperty('refused'));

  it.each([[null], [undefined], ['text'], [7], [true], [[]], [[valid]], [HUGE], [Number.NaN]])(
    'refuses %j',
    (input) => {
      expect(refused(schema, input)).toMatchObject({ field: 'request' });
    },
  );

  it('refuses an unknown key, and says which are known', () => {
    const { field, message } = refused(schema, { ...valid, attempts: 2 });
    expect(field).toBe('attempts');
    expect(message).toContain('attempts: no such field; allowed are ');
    for (const key of Object.keys(valid)) expect(message).toContain(key);
  });

  it('refuses an unknown key of 300 KB in few words', () => {
    expect(refused(schema, { ...valid, [HUGE]: 1 }).message).toContain('(300000 characters): no such field');
  });

  it('refuses a key that reaches for the prototype', () => {
    const hostile = JSON.parse(`{ ${JSON.stringify(valid).slice(1, -1)}, "__proto__": { "system": "new" } }`);
    expect(refused(schema, hostile).field).toBe('__proto__');
    expect(refused(schema, { ...valid, constructor: {} }).field).toBe('constructor');
    expect(({} as { system?: string }).system).toBeUndefined();
  });

  it.each(Object.keys(valid))('refuses it without %s, of a wrong type, and as 300 KB', (field) => {
    const { [field]: _gone, ...rest } = valid;
    // Only the queue knows landings without a token, and then wants to know the table.
    expect(refused(schema, rest)).toMatchObject({ field });
    for (const wrong of [null, [], { a: 1 }, true])
      expect(refused(schema, { ...valid, [field]: wrong })).toMatchObject({ field });
    if (field === 'confirm') return;
    const { message } = refused(schema, { ...valid, [field]: HUGE });
    expect(message).toContain(`${field}: "xxx`);
    expect(message).toContain('(300002 characters) is refused: ');
  });
});

describe('a partition', () => {
  it.each(['2026-11-22', '2026-11-22T13', 'hour 13', 'eu/2026', 'a~b#c', '$latest', '}', `x${'y'.repeat(127)}`])(
    '%j is one',
    (partition) => expect(parse(assignSchema, { ...named, partition })).toMatchObject({ partition }),
  );

  it.each([
    '',
    '~hidden',
    '#history',
    ' leading',
    'a\u0000b',
    'a\nb',
    'a\u001b[2Jb',
    'a\u007f',
    'caf\u00e9',
    '\u202e2026',
    '２０２６',
    '\ud800',
    'y'.repeat(129),
  ])('%j is none', (partition) => {
    const { field, message } = refused(assignSchema, { ...named, partition });
    expect(field).toBe('partition');
    // The message is safe to print: what was seen is quoted and escaped.
    for (const control of ['\u0000', '\n', '\u001b']) expect(message.includes(control)).toBe(false);
  });

  it('says what is allowed', () => {
    expect(refused(assignSchema, { ...named, partition: '~x' }).message).toBe(
      'partition: "~x" is refused: printable ASCII that sorts in time order, no leading ~ or #',
    );
  });
});

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

describe('a registration', () => {
  it.each<[string, object, string, string]>([
    ['no team', { team: undefined }, 'team', 'nothing is refused'],
    ['a job id with a leading #', { jobId: '#a' }, 'jobId', 'no leading # or ~'],
    ['a job id with a blank', { jobId: 'a b' }, 'jobId', 'printable ASCII without blanks'],
    ['a job id of 257 characters', { jobId: 'j'.repeat(257) }, 'jobId', '<=256'],
    ['a weight of nothing', { weight: 0 }, 'weight', '>=1'],
    ['a wave below nothing', { wave: -1 }, 'wave', '>=0'],
    ['an initial phase that does not exist', { initialPhase: 'live' }, 'initialPhase', '"pending"|"shadow"'],
    ['one table for both', { targets: { production: 'a', shadow: 'a' } }, 'targets.shadow', 'not production'],
    ['half of its tables', { targets: { production: 'a' } }, 'targets.shadow', 'nothing is refused'],
    ['two rhythms', { cadence: { every: '1h', cron: '* * * * *' } }, 'cadence', 'either every or cron'],
    ['no rhythm', { cadence: {} }, 'cadence', 'either every or cron'],
    ['a label that is no text', { labels: { tier: 1 } }, 'labels.tier', '1 is refused'],
    ['an integration that does not exist', { integration: 'none' }, 'integration', '"fenced"|"claimed"|"reported"'],
    ['a duration nobody understands', { dueAfter: 'soon' }, 'dueAfter', 'text such as 15m, 36h, 7d'],
  ])('with %s is refused', (_, given, field, message) => {
    const said = refusedJob(given);
    expect(said.field).toBe(field);
    expect(said.message).toContain(message);
  });

  it('has at most twenty labels', () => {
    const labels = Object.fromEntries(Array.from({ length: 21 }, (_, i) => [`l${i}`, 'v']));
    expect(refusedJob({ labels })).toMatchObject({ field: 'labels' });
  });

  it('with a duration of 300 KB is refused in few words', () => void refusedJob({ dueAfter: HUGE }));
  it('with a label named with 300 KB is refused in few words', () => void refusedJob({ labels: { [HUGE]: 'v' } }));

  it('with a duration that is no duration says what would be one', () => {
    expect(refusedJob({ dueAfter: true }).message).toContain('15m');
  });

  it('with an unknown key inside another says which are known there', () => {
    const { message } = refusedJob({ targets: { production: 'a', shadow: 'b', staging: 'c' } });
    expect(message).toContain('allowed are production, shadow');
  });

  it('does not lose a label silently, whatever its name', () => {
    const parsed = parseRegistration({ ...registration, labels: JSON.parse('{"__proto__": "x"}') });
    expect('refused' in parsed || Object.keys(parsed.attributes.labels).includes('__proto__')).toBe(true);
  });

  it('comes with up to five hundred others, and none is not enough', () => {
    const jobs = (count: number) => ({ jobs: Array.from({ length: count }, () => registration) });
    expect(parse(registerSchema, jobs(500))).not.toHaveProperty('refused');
    for (const count of [0, 501]) expect(refused(registerSchema, jobs(count))).toMatchObject({ field: 'jobs' });
  });
});

describe('an override', () => {
  it.each<[string, z.ZodType, object, string]>([
    ['no actor', promoteSchema, { actor: '' }, 'actor'],
    ['no reason', promoteSchema, { reason: '' }, 'reason'],
    ['a reason of a novel', holdSchema, { reason: 'r'.repeat(1_025) }, 'reason'],
    ['a phase that does not exist', promoteSchema, { to: 'live' }, 'to'],
    ['a version that cannot be', promoteSchema, { expectedVersion: 0 }, 'expectedVersion'],
    ['force as text', promoteSchema, { force: 'true' }, 'force'],
    ['a scope that does not exist', holdSchema, { scope: 'everything' }, 'scope'],
    ['an end that is no instant', holdSchema, { until: 'tomorrow' }, 'until'],
    ['force, which it does not know', completeSchema, { confirm: 'x', force: true }, 'force'],
  ])('with %s is refused', (_, schema, given, field) => {
    expect(refused(schema, { ...by, ...given })).toMatchObject({ field });
  });

  it('in any language is taken: a reason is for people', () => {
    expect(parse(holdSchema, { ...by, reason: 'Монтаж — 月末 🛠' })).not.toHaveProperty('refused');
  });

  it('held until the year 10,000 is held, or refused, but not silently let go', () => {
    const parsed = parse(holdSchema, { ...by, until: '9999-12-31T23:59:59-05:00' });
    expect('refused' in parsed || (parsed.until ?? '') > NOW).toBe(true);
  });
});
