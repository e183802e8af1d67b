/** Bad input at every boundary: refused with the field, the value seen and what is allowed, in few words. */
import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { parse } from '../../lib/controller/parse.ts';
import {
  assignSchema,
  completeSchema,
  demoteSchema,
  differenceSchema,
  explainSchema,
  holdSchema,
  landSchema,
  owedSchema,
  pauseSchema,
  promoteSchema,
  publishedSchema,
  queuedLandingSchema,
  releaseSchema,
  restartSchema,
  resumeSchema,
  retireSchema,
} from '../../lib/controller/requests.ts';
import { by, HUGE, landing, named, refused, TOKEN } from './refusals.ts';

type Boundary = [schema: z.ZodType, valid: Record<string, unknown>];
const difference = { jobId: 'flights-atl', partition: '2026-11-22T12', signature: 'mean_delay' };
const confirmed = { ...by, confirm: 'flights-atl' };
const BOUNDARIES: Record<string, Boundary> = {
  assign: [assignSchema, named],
  land: [landSchema, landing],
  published: [publishedSchema, { ...named, token: TOKEN, checksum: 'c0ffee' }],
  'a queued landing': [queuedLandingSchema, landing],
  owed: [owedSchema, { system: 'old' }],
  'report-difference': [differenceSchema, difference],
  explain: [explainSchema, { jobId: 'flights-atl' }],
  promote: [promoteSchema, by],
  demote: [demoteSchema, by],
  complete: [completeSchema, confirmed],
  hold: [holdSchema, by],
  release: [releaseSchema, by],
  restart: [restartSchema, by],
  retire: [retireSchema, confirmed],
  pause: [pauseSchema, { actor: 'ann', reason: 'because' }],
  resume: [resumeSchema, { actor: 'ann', reason: 'because' }],
};

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

describe('a sample of rows', () => {
  const value = { key: 'ATL-07', column: 'mean_delay', old: '-2', new: '-3' };
  const of = (given: object) => ({ ...difference, sample: [{ ...value, ...given }] });
  const CARD = '4111-1111-1111-1111';

  it.each([
    ['a value that is too long', of({ old: CARD.repeat(9) }), 'sample.0.old: a text of 171 characters is refused'],
    ['a value of two lines', of({ new: `${CARD}\n` }), 'sample.0.new: a text of 20 characters is refused'],
    ['a value of another type', of({ key: { card: CARD } }), 'sample.0.key: a value of type object is refused'],
    ['too many', { ...difference, sample: Array(9).fill({ ...value, old: CARD }) }, 'sample: an array of 9 is refused'],
    ['none at all', { ...difference, sample: CARD }, 'sample: a text of 19 characters is refused'],
  ])('is refused without a word of what is in it: %s', (_, input, message) => {
    const answer = parse(differenceSchema, input, ['sample']);
    expect(answer).toMatchObject({ refused: true, message: expect.stringContaining(message) });
    expect(JSON.stringify(answer)).not.toContain('4111');
  });
});

describe('hostile text', () => {
  // What a terminal obeys, what a log takes for its next line, what turns text round, and what no store can keep.
  const HOSTILE = { escape: '\u001b[2J', line: 'a\nb', nul: 'a\u0000b', bidi: 'a\u202eb', surrogate: 'a\ud800b' };

  it.each(Object.entries(HOSTILE))('is refused in a reason: %s', (_, text) => {
    expect(refused(holdSchema, { ...by, reason: text })).toMatchObject({ field: 'reason' });
  });

  it.each(Object.entries(HOSTILE))('is refused in a run’s name: %s', (_, text) => {
    expect(refused(assignSchema, { ...named, runId: text })).toMatchObject({ field: 'runId' });
  });

  it.each(['escape', 'line', 'nul'] as const)('is not repeated raw where it is the name of a field: %s', (kind) => {
    const { message } = refused(assignSchema, { ...named, [HOSTILE[kind]]: 1 });
    expect([...message].every((character) => character >= ' ')).toBe(true);
  });

  it('is not repeated raw where it is the value of one', () => {
    const { message } = refused(assignSchema, { ...named, system: HOSTILE.escape });
    expect([...message].every((character) => character >= ' ')).toBe(true);
  });

  it('in any language is no hostile text: a reason is for people', () => {
    expect(parse(holdSchema, { ...by, reason: 'Монтаж — 月末 🛠 👩‍🔧' })).not.toHaveProperty('refused');
  });
});
