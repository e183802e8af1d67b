import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { actOnJob } from '../../lib/cli/act.ts';
import { actOnMany } from '../../lib/cli/bulk.ts';
import { describeSelector, type Selector, selectJobs } from '../../lib/cli/select.ts';
import { evaluateGroup } from '../../lib/controller/evaluate-group.ts';
import { shardOf } from '../../lib/domain/hash.ts';
import { addSeconds } from '../../lib/domain/time.ts';
import { aJob, NOW } from '../builders/records.ts';
import { aReadyStage, aStage, type Stage } from '../controller/stage.ts';
import { aMemoryDeployment, anOutput } from './memory-deployment.ts';

const folder = mkdtempSync(join(tmpdir(), 'crossfade-bulk-'));
afterAll(() => rmSync(folder, { recursive: true }));
afterEach(() => {
  process.exitCode = 0;
});

const JOBS = [
  aJob({ jobId: 'a', team: 'orders', phase: 'shadow', wave: 1, labels: { tier: 'gold' } }),
  aJob({ jobId: 'b', team: 'orders', phase: 'reverse-shadow', labels: { tier: 'gold', area: 'eu' } }),
  aJob({ jobId: 'c', team: 'orders', phase: 'pending', attention: { kind: 'stuck', cause: 'x', since: NOW } }),
  aJob({ jobId: 'd', team: 'flights', phase: 'shadow', policy: 'enforced' }),
  aJob({
    jobId: 'e',
    team: 'flights',
    phase: 'shadow',
    hold: { scope: 'all', actor: 'ann', reason: 'x', at: NOW },
    proposal: { to: 'reverse-shadow', kind: 'promotion', reason: 'x', at: NOW },
  }),
  aJob({ jobId: 'f', team: 'orders', phase: 'shadow', retired: { actor: 'ann', reason: 'x', at: NOW } }),
];

async function aFleet(): Promise<Stage> {
  const stage = aStage({ jobs: JOBS });
  for (const { jobId } of JOBS) await stage.ports.fleet.ensureShard(shardOf(jobId));
  return stage;
}

const ids = (text: string) => {
  const file = join(folder, 'ids.txt');
  writeFileSync(file, text);
  return file;
};

describe('a selector', () => {
  it.each<[Selector, string]>([
    [{}, 'abcde'],
    [{ team: 'orders' }, 'abc'],
    [{ team: 'orders', phase: 'shadow' }, 'a'],
    [{ wave: 1 }, 'a'],
    [{ label: ['tier=gold'] }, 'ab'],
    [{ label: ['tier=gold', 'area=eu'] }, 'b'],
    [{ attention: 'stuck' }, 'c'],
    [{ policy: 'enforced' }, 'd'],
    [{ held: true }, 'e'],
    [{ recommended: true }, 'e'],
    [{ team: 'nobody' }, ''],
  ])('%o finds %s, and never a retired job', async (selector, found) => {
    const jobs = await selectJobs(aMemoryDeployment(await aFleet()), selector);
    expect(jobs.map((job) => job.jobId).join('')).toBe(found);
  });

  it('reads ids from a file, once each, and refuses the file when one is unknown', async () => {
    const deployment = aMemoryDeployment(await aFleet());
    const jobs = await selectJobs(deployment, { fromFile: ids('b\n# not this\n\na\nb\n'), phase: 'shadow' });
    expect(jobs.map((job) => job.jobId)).toEqual(['a']);
    await expect(selectJobs(deployment, { fromFile: ids('a\nzz\n') })).rejects.toThrow(
      /1 jobs that are not registered, e.g. zz/,
    );
    await expect(selectJobs(deployment, { label: ['tier'] })).rejects.toMatchObject({ exitCode: 2 });
  });

  it('is shown as it was typed', () => {
    expect(describeSelector({ team: 'x', label: ['a=1', 'b=2'], held: true, fromFile: 'f' })).toBe(
      '--team x --label a=1 --label b=2 --held --from-file f',
    );
  });
});

describe('a verb on many', () => {
  const demoteAll = async (stage: Stage, given: Record<string, unknown> = {}) => {
    const output = anOutput(100, true);
    const deployment = aMemoryDeployment(stage);
    await actOnMany(deployment, 'demote', { team: 'orders' }, { reason: 'bad release', yes: true, ...given }, output);
    return { deployment, ...JSON.parse(output.text()) };
  };

  it('goes on past a refusal, reports each job, and fails in the end', async () => {
    const stage = await aFleet();
    const { results } = await demoteAll(stage);
    expect(results).toMatchObject([
      { jobId: 'a', ok: true, phase: 'pending' },
      { jobId: 'b', ok: true, phase: 'shadow' },
      { jobId: 'c', ok: false, code: 'NotAllowed' },
    ]);
    expect(process.exitCode).toBe(1);
    expect([stage.job('a').phase, stage.job('b').phase]).toEqual(['pending', 'shadow']);
  });

  it('has one request id, so that its repeat does nothing twice', async () => {
    const stage = await aFleet();
    const { requestId } = await demoteAll(stage);
    stage.writes.length = 0;
    const { results } = await demoteAll(stage, { requestId });
    expect(results[1]).toMatchObject({ jobId: 'b', ok: true, phase: 'shadow' });
    expect(stage.writes).toEqual([]);
    expect(stage.job('b').phase).toBe('shadow');
  });

  it('with --dry-run changes nothing and asks nothing', async () => {
    const stage = await aFleet();
    const { results } = await demoteAll(stage, { dryRun: true, yes: false });
    expect(results.length).toBe(3);
    expect(stage.writes).toEqual([]);
  });

  it('does nothing without --yes where there is nobody to ask, and says how many it would be', async () => {
    const stage = await aFleet();
    await expect(demoteAll(stage, { yes: false })).rejects.toThrow(
      /would demote 3 jobs \(1 in pending, 1 in shadow, 1 in reverse-shadow\): --team orders/,
    );
    expect(stage.writes).toEqual([]);
  });

  it('confirms what is recommended, and leaves out what automation has changed its mind about', async () => {
    const stage = await aReadyStage('shadow', { policy: { automation: 'recommend' } });
    await stage.ports.fleet.ensureShard(shardOf('flights-atl'));
    const request = { sweepId: 's', group: 0, shards: [shardOf('flights-atl')], grants: {} };
    await evaluateGroup(stage.ports, { ...request, expiresAt: addSeconds(NOW, 900) }, stage.now);
    expect(stage.job().proposal).toMatchObject({ to: 'reverse-shadow' });
    const deployment = aMemoryDeployment(stage);
    await expect(
      actOnMany(deployment, 'demote', { recommended: true }, { reason: 'yes', yes: true }, anOutput()),
    ).rejects.toThrow('no job matches --recommended');
    const output = anOutput();
    await actOnMany(deployment, 'promote', { recommended: true }, { reason: 'yes', yes: true }, output);
    expect(output.text()).toContain('1 done, 0 refused');
    expect(stage.job()).toMatchObject({ phase: 'reverse-shadow' });
    expect(stage.job()).not.toHaveProperty('proposal');
  });
});

describe('a verb on one', () => {
  it('lists every need that is not met, and what would go on all the same', async () => {
    const stage = await aFleet();
    const promote = actOnJob(aMemoryDeployment(stage), 'promote', { jobId: 'a', reason: 'x' }, anOutput());
    await expect(promote).rejects.toThrow(
      /NeedsNotMet\): \n {2}- criteria-pass: .*\n {2}- both-fresh: .*\n--force goes on/,
    );
  });

  it('names its request, so that a call that the SDK repeats is one step', async () => {
    const deployment = aMemoryDeployment(await aFleet());
    await actOnJob(deployment, 'hold', { jobId: 'a', reason: 'x', actor: 'ann' }, anOutput());
    expect(deployment.invoked).toMatchObject([['hold', { actor: 'ann', requestId: expect.stringMatching(/^cli-/) }]]);
  });

  it('shows the way of a rollback over several phases', async () => {
    const output = anOutput();
    const request = { jobId: 'b', reason: 'x', to: 'pending', dryRun: true };
    await actOnJob(aMemoryDeployment(await aFleet()), 'demote', request, output);
    expect(output.text()).toContain('would go reverse-shadow -> shadow -> pending');
  });
});
