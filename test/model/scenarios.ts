import { NO_CONTROLS } from '../../lib/domain/controls.ts';
import { emptyEvidence } from '../../lib/domain/evidence.ts';
import { openClaim } from '../../lib/domain/claim.ts';
import { createJob } from '../../lib/domain/job.ts';
import type { Phase } from '../../lib/domain/phases.ts';
import { JOB_ID, NOW } from './calls.ts';
import type { Scenario } from './explore.ts';
import { run, sweep, transit } from './programs.ts';
import type { World } from './space.ts';

function world(phase: Phase, partitions = ['p1']): World {
  const job = createJob(JOB_ID, { team: 't', policy: 'model', wave: 0, weight: 1, labels: {}, shape: 'partitioned', integration: 'fenced' }, phase, NOW);
  return { job: { job, past: [] }, controls: NO_CONTROLS, evidence: emptyEvidence(JOB_ID), claims: Object.fromEntries(partitions.map((p) => [p, null])) };
}
const w2 = world('cleanup');
const oldJob = w2.job.job;
const w3: World = { ...w2, job: { job: { ...oldJob, epoch: 3, version: 3 }, past: [] }, claims: { p1: openClaim({ ...oldJob, phase: 'shadow' }, 'p1', 'new', undefined, NOW) } };
export const SCENARIOS: Scenario[] = [
  { name: 'demotion', story: '', world: world('reverse-shadow'), actors: [run('new'), run('new', { content: 'other' }), run('old'), transit('reverse-shadow', 'shadow'), sweep()], staleReads: true, lostAnswers: 1 },
  { name: 'there and back', story: '', world: w3, actors: [run('old'), run('new'), transit('cleanup', 'reverse-shadow'), transit('reverse-shadow', 'shadow')], staleReads: true },
];
