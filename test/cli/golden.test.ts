import { describe, expect, it, vi } from 'vitest';
import { showAttention } from '../../lib/cli/attention.ts';
import { showFleetHistory, showHistory, showOwed } from '../../lib/cli/history.ts';
import { showExplanation, showJob } from '../../lib/cli/job.ts';
import { showJobs } from '../../lib/cli/jobs.ts';
import type { Output } from '../../lib/cli/output.ts';
import { buildProgram } from '../../lib/cli/program.ts';
import { showStatus } from '../../lib/cli/status.ts';
import { evaluateGroup } from '../../lib/controller/evaluate-group.ts';
import { hold } from '../../lib/controller/override.ts';
import { pause, resume } from '../../lib/controller/pause.ts';
import { shardOf } from '../../lib/domain/hash.ts';
import { addSeconds } from '../../lib/domain/time.ts';
import { aLedger } from '../builders/fleet.ts';
import { aJob } from '../builders/records.ts';
import { aStage, openBreakerFor, runBoth, type Stage } from '../controller/stage.ts';
import { aMemoryDeployment, anOutput } from './memory-deployment.ts';

vi.hoisted(() => {
  process.env.NO_COLOR = '1';
});

const READY = 'flights-atl';
const REGRESSING = 'flights.arrivals.hourly.by-airport-and-carrier';
const WAITING = 'orders.daily';

describe.each([80, 120])('at %i columns, as the golden files in test/cli/golden say', (width) => {
  it('--help', async () => {
    await expectGolden('help', width, buildProgram(width).helpInformation());
  });

  it('promote --help', async () => {
    const promote = buildProgram(width).commands.find((command) => command.name() === 'promote')!;
    await expectGolden('help-promote', width, promote.helpInformation());
  });

  it.each<[string, (stage: Stage, output: Output) => Promise<void>]>([
    ['status', (stage, output) => showStatus(aMemoryDeployment(stage), output, stage.now())],
    ['attention', (stage, output) => showAttention(aMemoryDeployment(stage), { limit: 10 }, output)],
    ['jobs', (stage, output) => showJobs(aMemoryDeployment(stage), { limit: 10 }, output)],
    ['job', (stage, output) => showJob(aMemoryDeployment(stage), REGRESSING, output)],
    ['explain', (stage, output) => showExplanation(aMemoryDeployment(stage), READY, output)],
    ['explain-waiting', (stage, output) => showExplanation(aMemoryDeployment(stage), WAITING, output)],
    ['history', (stage, output) => showHistory(aMemoryDeployment(stage), REGRESSING, 10, output)],
    ['history-fleet', (stage, output) => showFleetHistory(aMemoryDeployment(stage), 10, output)],
  ])('%s', async (name, show) => {
    const output = anOutput(width);
    await show(await aFleet(), output);
    await expectGolden(name, width, output.text());
  });
});

it('no line of a golden file is wider than its terminal', async () => {
  const stage = await aFleet();
  for (const width of [60, 80, 120]) {
    const output = anOutput(width);
    const deployment = aMemoryDeployment(stage);
    await showStatus(deployment, output);
    await showAttention(deployment, { limit: 10 }, output);
    await showJobs(deployment, { limit: 10 }, output);
    await showJob(deployment, REGRESSING, output);
    await showExplanation(deployment, WAITING, output);
    await showHistory(deployment, REGRESSING, 10, output);
    await showFleetHistory(deployment, 10, output);
    expect(
      output
        .text()
        .split('\n')
        .filter((line) => line.length > width),
      `${width} columns`,
    ).toEqual([]);
  }
});

it('what jobs and people say reaches the terminal without its control characters', async () => {
  const stage = aStage({ jobs: [aJob({ phase: 'shadow', team: 'x\u001b[2J' })] });
  await hold(
    stage.ports,
    { jobId: READY, actor: 'eve\u0007', verified: false, reason: '\u001b]0;pwned\u0007' },
    stage.now,
  );
  await pause(stage.ports, { actor: 'eve\u0007', verified: false, reason: '\u001b]0;pwned\u0007' }, stage.now);
  const output = anOutput();
  const deployment = aMemoryDeployment(stage);
  await showStatus(deployment, output);
  await showFleetHistory(deployment, 10, output);
  await showJob(deployment, READY, output);
  await showHistory(deployment, READY, 10, output);
  await showJobs(deployment, { limit: 10 }, output);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
  expect(output.text()).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
});

it.each(['status', 'jobs', 'job', 'explain', 'history', 'history --fleet', 'attention', 'owed'])(
  '%s --json is one value',
  async (name) => {
    const stage = await aFleet();
    const deployment = aMemoryDeployment(stage);
    const output = anOutput(80, true);
    const shows: Record<string, () => Promise<void>> = {
      status: () => showStatus(deployment, output),
      jobs: () => showJobs(deployment, { limit: 10 }, output),
      job: () => showJob(deployment, READY, output),
      explain: () => showExplanation(deployment, READY, output),
      history: () => showHistory(deployment, READY, 10, output),
      'history --fleet': () => showFleetHistory(deployment, 10, output),
      attention: () => showAttention(deployment, { limit: 10 }, output),
      owed: () =>
        showOwed({ ...deployment, invoke: async () => ({ partitions: [] }) }, { system: 'old', limit: 10 }, output),
    };
    await shows[name]!();
    expect(JSON.parse(output.text())).toBeTypeOf('object');
  },
);

/** Three jobs: one ready, one that was demoted for a mismatch and is held, one that waits; and a fleet that is paused. */
async function aFleet(): Promise<Stage> {
  const jobs = [
    aJob({ phase: 'shadow' }),
    aJob({ jobId: REGRESSING, phase: 'reverse-shadow', wave: 1 }),
    aJob({ jobId: WAITING, team: 'orders', labels: { tier: 'gold' } }),
  ];
  const stage = aStage({ jobs });
  await runBoth(stage, ['2026-11-22T10', '2026-11-22T11', '2026-11-22T12']);
  await runBoth(stage, ['2026-11-22T11'], { jobId: REGRESSING });
  stage.advance(60);
  await runBoth(stage, ['2026-11-22T12'], { jobId: REGRESSING, next: { checksum: 'differs', rowCount: 998 } });
  const sweepId = 'sweep-20261122T130600Z';
  await stage.ports.fleet.createLedger(aLedger({ sweepId }));
  const request = { sweepId, group: 0, grants: {}, expiresAt: addSeconds(stage.now(), 900) };
  await evaluateGroup(stage.ports, { ...request, shards: jobs.map((job) => shardOf(job.jobId)) }, stage.now);
  stage.advance(60);
  const by = { actor: 'ann', verified: false, reason: 'until the carriers feed is mended, see OPS-12' };
  await hold(stage.ports, { jobId: REGRESSING, ...by, until: addSeconds(stage.now(), 86_400) }, stage.now);
  await openBreakerFor(stage, 3_600);
  stage.advance(60);
  const lead = { actor: 'arn:aws:sts::123456789012:assumed-role/Lead/eve', verified: true };
  await resume(stage.ports, { ...lead, reason: 'a bad deploy, rolled back', breaker: true }, stage.now);
  await pause(stage.ports, { actor: 'bob', verified: false, reason: 'month end' }, stage.now);
  return stage;
}

async function expectGolden(name: string, width: number, text: string): Promise<void> {
  await expect(text).toMatchFileSnapshot(`golden/${name}-${width}.txt`);
}
