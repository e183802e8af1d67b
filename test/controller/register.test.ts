import { describe, expect, it } from 'vitest';
import { type Registration, register } from '../../lib/controller/register.ts';
import { parseRegistration } from '../../lib/controller/requests.ts';
import { shardOf } from '../../lib/domain/hash.ts';
import { PHASES } from '../../lib/domain/phases.ts';
import { aJob, aTransition, NOW } from '../builders/records.ts';
import { aStage, type Stage } from './stage.ts';

const JOB = 'flights-atl';

/** As it comes from a pipeline's repository. */
function aRegistration(given: object = {}): Registration {
  const parsed = parseRegistration({ jobId: JOB, team: 'flights', ...given });
  if ('refused' in parsed) throw new Error(parsed.message);
  return parsed;
}

const registers = (stage: Stage, given: object = {}) => register(stage.ports, aRegistration(given), stage.now());

describe('register', () => {
  it('creates a job in its initial phase, with the documented defaults', async () => {
    const stage = aStage();
    expect(await registers(stage)).toBe('created');
    expect(stage.job()).toEqual({
      ...aJob({ version: 1, epoch: 1 }),
      registeredAt: NOW,
      phaseSince: NOW,
    });
    await registers(stage, { jobId: 'late', initialPhase: 'shadow' });
    expect(stage.job('late').phase).toBe('shadow');
  });

  it('makes the shard known before the job is in it, so that no sweep can miss a job', async () => {
    const stage = aStage();
    await registers(stage);
    expect(stage.calls).toEqual([`jobs.get ${JOB}`, `fleet.ensureShard ${shardOf(JOB)}`, `jobs.create ${JOB}`]);
    expect(stage.state.summaries.get(String(shardOf(JOB)))).toMatchObject({ jobs: 0 });
  });

  it('does not empty the summary of a shard that has been seen', async () => {
    const stage = aStage();
    await registers(stage);
    const key = String(shardOf(JOB));
    stage.state.summaries.set(key, { ...stage.state.summaries.get(key)!, jobs: 9 });
    await stage.ports.fleet.ensureShard(shardOf(JOB));
    expect(stage.state.summaries.get(key)?.jobs).toBe(9);
  });

  it('a second time changes nothing', async () => {
    const stage = aStage();
    const full = {
      labels: { b: '2', a: '1' },
      targets: { production: 'x', shadow: 'y' },
      cadence: { every: '1h' },
      dueAfter: '2h',
      wave: 3,
    };
    await registers(stage, full);
    stage.writes.length = 0;
    expect(await registers(stage, { ...full, labels: { a: '1', b: '2' } })).toBe('unchanged');
    expect(stage.writes).toEqual([]);
  });

  it.each<[string, object]>([
    ['team', { team: 'orders' }],
    ['wave', { wave: 7 }],
    ['labels', { labels: { tier: '1' } }],
    ['targets', { targets: { production: 'a', shadow: 'b' } }],
    ['cadence', { cadence: { cron: '0 * * * *' } }],
    ['dueAfterSeconds', { dueAfter: '3h' }],
    ['integration', { integration: 'reported' }],
  ])('changes %s, one version on, and nothing else', async (attribute, given) => {
    const stage = aStage();
    await registers(stage);
    const before = stage.job();
    expect(await registers(stage, given)).toBe('updated');
    const { version, [attribute as 'team']: _a, ...after } = stage.job();
    const { version: _v, [attribute as 'team']: _b, ...rest } = before;
    expect(after).toEqual(rest);
    expect(version).toBe(2);
  });

  it.each<[string, object]>([
    ['targets', { targets: { production: 'a', shadow: 'b' } }],
    ['cadence', { cadence: { every: '1h' } }],
    ['dueAfterSeconds', { dueAfter: '3h' }],
  ])('takes %s away again when the registration does not say it any more', async (attribute, given) => {
    const stage = aStage();
    await registers(stage, given);
    expect(stage.job()).toHaveProperty(attribute);
    expect(await registers(stage)).toBe('updated');
    expect(stage.job()).not.toHaveProperty(attribute);
  });

  it.each(PHASES)('never touches the place of a job that is in %s', async (phase) => {
    const life = {
      phase,
      epoch: 8,
      version: 20,
      demotedAt: [NOW],
      hold: { scope: 'all', actor: 'ann', reason: 'r', at: NOW } as const,
      lastTransition: aTransition(),
    };
    const stage = aStage({ jobs: [aJob(life)] });
    expect(await registers(stage, { team: 'other', initialPhase: 'complete' })).toBe('updated');
    expect(stage.job()).toMatchObject({ ...life, version: 21, team: 'other' });
  });

  it('refuses a policy that is not deployed, before anything is written', async () => {
    const stage = aStage();
    expect(await registers(stage, { policy: 'gone' })).toMatchObject({ code: 'UnknownPolicy', field: 'policy' });
    expect(stage.state.jobs.size).toBe(0);
  });

  it('meets itself, or a sweep, and tries again', async () => {
    const stage = aStage();
    stage.before('jobs.create', () => registers(stage));
    expect(await registers(stage)).toBe('unchanged');
    stage.before('jobs.replace', async () =>
      stage.state.jobs.set(JOB, { ...stage.job(), version: 2, phase: 'shadow' }),
    );
    expect(await registers(stage, { team: 'other' })).toBe('updated');
    expect(stage.job()).toMatchObject({ version: 3, phase: 'shadow', team: 'other' });
  });
});
