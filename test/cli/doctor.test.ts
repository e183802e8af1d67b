import { describe, expect, it } from 'vitest';
import { ask, type Seen } from '../../lib/aws/asking.ts';
import type { Examination } from '../../lib/aws/examination.ts';
import { diagnose } from '../../lib/cli/doctor.ts';
import type { Finding } from '../../lib/cli/finding.ts';
import { HANDLER_NAMES } from '../../lib/constructs/handlers.ts';
import { addSeconds } from '../../lib/domain/time.ts';
import { aSummary } from '../builders/fleet.ts';
import { NOW } from '../builders/records.ts';
import {
  ASKED,
  aConfiguration,
  aStack,
  configuration,
  fn,
  LAYER,
  MISSING,
  SWEEP,
  seen,
  table,
} from './examined-stack.ts';

describe('a deployment that is well', () => {
  it('has a line for every part, and all are ok', () => {
    const findings = diagnose(aStack(), ASKED, new Map([['default', 'abc']]), addSeconds(NOW, 1_000));
    expect(findings.filter(({ state }) => state !== 'ok')).toEqual([]);
    expect(findings.length).toBeGreaterThan(60);
  });

  it('is asked about every function that is deployed', () => {
    expect(ASKED.map(({ name }) => name).sort()).toEqual([...HANDLER_NAMES].sort());
  });
});

describe('what is wrong has a line that says what to do next', () => {
  const cases: [string, (stack: Examination) => unknown, string, RegExp, RegExp][] = [
    [
      'a table that is gone',
      (s) => Object.assign(s.tables.fleet, { description: MISSING }),
      'table fleet',
      /not there/,
      /cdk deploy/,
    ],
    [
      'a fence that is gone',
      (s) => Object.assign(s.tables.landings, { description: MISSING }),
      'table landings',
      /not/,
      /stop the pipelines/,
    ],
    [
      'other keys',
      (s) => Object.assign(table(s, 'jobs'), { keys: 'id S' }),
      'table jobs',
      /id S; jobId S, record S/,
      /right stack/,
    ],
    [
      'a table being made',
      (s) => Object.assign(table(s, 'jobs'), { status: 'CREATING' }),
      'table jobs',
      /CREATING/,
      /wait/,
    ],
    ['an index that is gone', (s) => table(s, 'jobs').indexes.shift(), 'index by-shard of jobs', /not there/, /deploy/],
    [
      'an index being filled',
      (s) => Object.assign(table(s, 'jobs').indexes[1]!, { status: 'CREATING' }),
      'index by-attention of jobs',
      /CREATING/,
      /wait/,
    ],
    [
      'an index of keys alone',
      (s) => Object.assign(table(s, 'jobs').indexes[2]!, { projection: 'KEYS_ONLY' }),
      'index by-team of jobs',
      /KEYS_ONLY/,
      /deploy/,
    ],
    [
      'a stream that is off',
      (s) => delete table(s, 'landings').stream,
      'stream of landings',
      /off; NEW_IMAGE/,
      /deploy/,
    ],
    [
      'expiry that is off',
      (s) => Object.assign(s.tables.landings, { expiry: seen('') }),
      'expiry of landings',
      /off; expiresAt/,
      /deploy/,
    ],
    [
      'backups that are off',
      (s) => Object.assign(s.tables.jobs, { backups: seen('DISABLED') }),
      'backups of jobs',
      /DISABLED/,
      /update-continuous-backups --table-name jobs/,
    ],
    [
      'a function that throws',
      (s) => Object.assign(fn(s, 'assign'), { answer: { kind: 'failed', message: 'it failed: boom' } }),
      'function assign',
      /boom/,
      /log/,
    ],
    [
      'a function that answers otherwise',
      (s) => Object.assign(fn(s, 'hold'), { answer: seen({ ok: true }) }),
      'function hold',
      /"ok":true.*UnknownJob/,
      /version/,
    ],
    ['a function that is gone', (s) => s.functions.delete('owed'), 'function owed', /not there/, /deploy/],
    [
      'a failed update',
      (s) => Object.assign(configuration(s, 'land'), { update: 'Failed' }),
      'configuration of land',
      /Failed/,
      /deploy/,
    ],
    [
      'a source that is off',
      (s) => Object.assign(fn(s, 'gather'), { sources: seen(['Disabled']) }),
      'source of gather',
      /Disabled/,
      /--enabled/,
    ],
    [
      'a source that is gone',
      (s) => Object.assign(fn(s, 'ingest'), { sources: seen([]) }),
      'source of ingest',
      /nothing feeds/,
      /deploy/,
    ],
    [
      'an alias of older code',
      (s) => s.aliases.set('AliasAssignOld', seen(aConfiguration({ codeHash: 'older' }))),
      'alias AssignOld',
      /not the code/,
      /deploy/,
    ],
    [
      'two layers',
      (s) => Object.assign(configuration(s, 'commit'), { layers: [`${LAYER}1`] }),
      'policies layer',
      /71 on commit/,
      /deploy/,
    ],
    [
      'another policy',
      (s) => Object.assign(s, { policies: seen([{ jobId: 'a', name: 'default', hash: 'zzz' }]) }),
      'policy default',
      /zzz.*abc/,
      /deploy/,
    ],
    [
      'sweeps that stopped',
      (s) =>
        Object.assign(s, {
          ledgers: seen([{ ...SWEEP, scheduledAt: addSeconds(NOW, -4_000), expiresAt: addSeconds(NOW, -3_190) }]),
        }),
      'last sweep',
      /1 h 23 min ago; one every 15 min/,
      /schedule is enabled/,
    ],
    ['sweeps that never were', (s) => Object.assign(s, { ledgers: seen([]) }), 'last sweep', /no sweep/, /fan-out/],
    [
      'a sweep to come',
      (s) =>
        Object.assign(s, {
          ledgers: seen([{ ...SWEEP, scheduledAt: addSeconds(NOW, 9_000), expiresAt: addSeconds(NOW, 9_810) }]),
        }),
      'last sweep',
      /ahead/,
      /clock/,
    ],
    [
      'shards left behind',
      (s) => Object.assign(s, { summaries: seen([aSummary({ shard: 0 })]) }),
      'shards',
      /1 of 2.*: 1$/,
      /evaluate/,
    ],
    ['a clock that is off', (s) => Object.assign(s.clock, { skewSeconds: -300 }), 'clock', /5 min ahead/, /NTP/],
    [
      'landings that were refused',
      (s) => Object.assign(s.queues, { deadLetters: seen([{ name: 'LandingsRefused', messages: seen(3) }]) }),
      'dead letters LandingsRefused',
      /3 there/,
      /report again/,
    ],
    [
      'a queue that is gone',
      (s) => Object.assign(s.queues, { landings: MISSING }),
      'queue of landings',
      /not there/,
      /deploy/,
    ],
    [
      'a stack that is half done',
      (s) => Object.assign(s, { stackStatus: 'UPDATE_ROLLBACK_FAILED' }),
      'stack',
      /ROLLBACK_FAILED/,
      /events/,
    ],
    [
      'a state machine that goes',
      (s) => Object.assign(s, { stateMachine: seen('DELETING') }),
      'state machine',
      /DELETING/,
      /deploy/,
    ],
  ];
  it.each(cases)('%s', (_, spoil, check, message, next) => {
    const stack = aStack();
    spoil(stack);
    // Late enough that the sweep has ended, early enough that none was missed.
    const findings = diagnose(stack, ASKED, new Map([['default', 'abc']]), addSeconds(NOW, 1_000));
    const wrong = findings.filter(({ state }) => state !== 'ok');
    const found = wrong.find((finding) => finding.check === check);
    expect(found, JSON.stringify(wrong)).toMatchObject({ state: 'wrong' });
    expect(found?.message).toMatch(message);
    expect(found?.next).toMatch(next);
  });

  it('a check that is not permitted is a line of its own, which names the permission', async () => {
    const denied = (message: string) => Object.assign(new Error(message), { name: 'AccessDeniedException' });
    const without = await ask('lambda:InvokeFunction on x', () => Promise.reject(denied('no')));
    const named = await ask('dynamodb:Query on x', () =>
      Promise.reject(denied('User: u is not authorized to perform: kms:Decrypt on resource: arn:key because')),
    );
    expect(named).toEqual({ kind: 'denied', needs: 'kms:Decrypt on arn:key' });
    const stack = aStack();
    fn(stack, 'promote').answer = without as Seen<unknown>;
    expect(lineOf(stack, 'function promote')).toMatchObject({
      state: 'denied',
      message: 'not permitted to check: needs lambda:InvokeFunction on x',
      next: expect.stringContaining('role'),
    });
  });

  it('what could not be learned is said as not checked, with the reason', () => {
    const stack = { ...aStack(), clock: {}, policies: seen([]) };
    expect(lineOf(stack, 'clock')).toMatchObject({ state: 'skipped', message: expect.stringContaining('no response') });
    expect(lineOf(stack, 'policies')).toMatchObject({
      state: 'skipped',
      message: expect.stringContaining('none is reg'),
    });
    expect(lineOf(stack, 'policies', false)).toMatchObject({ message: expect.stringContaining('--policies FOLDER') });
  });

  it('a sweep that still runs is not held against its shards, when the one before it reached them', () => {
    const stack = aStack();
    const running = { ...SWEEP, sweepId: 'newer', createdAt: addSeconds(NOW, 900), expiresAt: addSeconds(NOW, 1_710) };
    stack.ledgers = seen([running, SWEEP]);
    expect(lineOf(stack, 'shards')).toMatchObject({ state: 'ok', message: expect.stringContaining('on its way') });
  });
});

function lineOf(stack: Examination, check: string, policies = true): Finding | undefined {
  const given = policies ? new Map([['default', 'abc']]) : undefined;
  return diagnose(stack, ASKED, given, addSeconds(NOW, 1_000)).find((finding) => finding.check === check);
}
