/** `backtest`: what another policy would have made of the landings, as a person and as a program read it. */
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { type BacktestFlags, showBacktest } from '../../lib/cli/backtest.ts';
import type { Selector } from '../../lib/cli/select.ts';
import { aJob } from '../builders/records.ts';
import { aStage, runOf, type Stage } from '../controller/stage.ts';
import { aPolicyFolder } from '../policies/policy-folder.ts';
import { aMemoryDeployment, anOutput } from './memory-deployment.ts';

vi.hoisted(() => {
  process.env.NO_COLOR = '1';
});

const HOUR = 3_600;
const QUICK = [
  'minPairs: 3',
  'settleSeconds: 0s',
  'soak: { shadowSeconds: 2h, reverseShadowSeconds: 30d }',
  'criteria: { landingLatency: false, resourceUtilization: false }',
].join('\n');
const FOLDER = aPolicyFolder({
  'quick.yaml': QUICK,
  'slow.yaml': 'extends: quick\nsoak: { shadowSeconds: 30d }\n',
});

/** Ten hours in shadow: one job matches all the time, one never, one has landed nothing. */
async function aFleet(): Promise<Stage> {
  const stage = aStage({ jobs: ['fine', 'silent', 'wrong'].map((jobId) => aJob({ jobId, phase: 'shadow' })) });
  for (let hour = 0; hour < 10; hour++) {
    for (const jobId of ['fine', 'wrong']) {
      const partition = `2026-11-22T${String(hour).padStart(2, '0')}`;
      await runOf(stage, { jobId, partition, system: 'old' });
      await runOf(stage, { jobId, partition, system: 'new', report: { checksum: jobId === 'fine' ? 'c0ffee' : 'x' } });
    }
    stage.advance(HOUR);
  }
  for (const shard of Array.from({ length: 256 }, (_, i) => i)) await stage.ports.fleet.ensureShard(shard);
  return stage;
}

async function shown(stage: Stage, file: string, given: Partial<BacktestFlags> = {}, selector: Selector = {}) {
  const text = anOutput(100);
  const json = anOutput(100, true);
  const flags = { policy: join(FOLDER, file), every: 900, limit: 50, ...given };
  for (const output of [text, json]) {
    await showBacktest(aMemoryDeployment(stage), flags, selector, output, stage.now());
  }
  return { text: text.text(), value: JSON.parse(json.text()) };
}

describe('backtest', () => {
  it('says which jobs would have gone another way, and of how many that is', async () => {
    const { text, value } = await shown(await aFleet(), 'quick.yaml');
    expect(text).toMatch(
      /^3 jobs replayed under quick \([0-9a-f]+\), a sweep every 15 min; 1 of them have no landings/,
    );
    expect(text).toMatch(/shadow -> reverse-shadow +0 +1/);
    expect(text).toMatch(/fine +shadow -> reverse-shadow +- +2026-11-22T15:00:00Z +would have, and did not/);
    expect(text).not.toContain('wrong');
    expect(value).toMatchObject({ everySeconds: 900, jobs: 3, withoutLandings: 1, differing: 1 });
    expect(value.counts).toEqual([{ from: 'shadow', to: 'reverse-shadow', actual: 0, replayed: 1 }]);
    const fine = value.results.find(({ jobId }: { jobId: string }) => jobId === 'fine');
    expect(fine).toMatchObject({ landings: 20, replayed: [{ to: 'reverse-shadow' }], differences: [{ nth: 1 }] });
  });

  it('goes on past a job that cannot be replayed, and names it', async () => {
    const stage = await aFleet();
    const away = () => Promise.reject(new Error('the claim is of another layout'));
    stage.before('claims.list wrong', away);
    const { text } = await shown(stage, 'quick.yaml');
    expect(text).toContain('2 jobs replayed');
    expect(text).toContain('1 jobs could not be replayed, e.g. wrong: the claim is of another layout');

    for (const jobId of ['fine', 'silent', 'wrong']) stage.before(`claims.list ${jobId}`, away);
    await expect(shown(stage, 'quick.yaml')).rejects.toThrow('could not be replayed: the claim is of another layout');
  });

  it('says that nothing would have changed, and writes nothing', async () => {
    const stage = await aFleet();
    stage.writes.length = 0;
    const { text } = await shown(stage, 'slow.yaml');
    expect(text).toContain('no job would have gone another way');
    expect(stage.writes).toEqual([]);
  });

  it('shows so many jobs as were asked for, and says that there are more', async () => {
    const jobs = Array.from({ length: 4 }, (_, i) => `job-${i}`);
    const stage = aStage({ jobs: jobs.map((jobId) => aJob({ jobId, phase: 'shadow' })) });
    for (const partition of ['2026-11-22T00', '2026-11-22T01', '2026-11-22T02']) {
      for (const jobId of jobs) {
        for (const system of ['old', 'new'] as const) await runOf(stage, { jobId, partition, system });
      }
    }
    for (let shard = 0; shard < 256; shard++) await stage.ports.fleet.ensureShard(shard);
    stage.advance(3 * HOUR);
    const { text } = await shown(stage, 'quick.yaml', { limit: 1 });
    expect(text).toContain('1 of 4 jobs that differ: --limit shows more');
    expect(text).not.toContain('job-1');
  });

  it.each([
    ['no such file', 'absent.yaml', /--policy .*absent\.yaml: there is no policy absent in .*policies\/default\.yaml/],
    ['no such folder', '../nowhere/quick.yaml', /--policy .*: .*nowhere: there is no such folder/],
    ['the limits of the fleet', 'fleet.yaml', /there is no policy fleet/],
  ])('refuses %s in one line', async (_, file, message) => {
    await expect(shown(await aFleet(), file)).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringMatching(message),
    });
  });

  it('refuses a wrong policy with its line, in the words that every other start uses', async () => {
    const folder = aPolicyFolder({ 'candidate.yaml': 'minPiars: 3\n' });
    const refused = shown(await aFleet(), 'x.yaml', { policy: join(folder, 'candidate.yaml') });
    await expect(refused).rejects.toMatchObject({
      exitCode: 2,
      message: expect.stringContaining('candidate.yaml:1:1: minPiars: no such field; did you mean minPairs?'),
    });
  });

  it('refuses a selection without jobs, and names it', async () => {
    const none = shown(await aFleet(), 'quick.yaml', {}, { team: 'nobody' });
    await expect(none).rejects.toThrow('no job matches --team nobody');
    await expect(shown(aStage(), 'quick.yaml')).rejects.toThrow('no job matches anything: none is registered');
  });
});
