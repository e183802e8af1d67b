import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { parse } from '../../lib/controller/parse.ts';
import {
  completeSchema,
  holdSchema,
  parseRegistration,
  promoteSchema,
  registerSchema,
} from '../../lib/controller/requests.ts';
import { NOW } from '../builders/records.ts';
import { by, HUGE, refusalOf, refused } from './refusals.ts';

const registration = { jobId: 'flights-atl', team: 'flights' };
const refusedJob = (given: object) => refusalOf(parseRegistration({ ...registration, ...given }));

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

  it('held until the year 10,000 is held, or refused, but not silently let go', () => {
    const parsed = parse(holdSchema, { ...by, until: '9999-12-31T23:59:59-05:00' });
    expect('refused' in parsed || (parsed.until ?? '') > NOW).toBe(true);
  });
});
