/** Which of the jobs that are ready a group's grants let go on. */
import { describe, expect, it } from 'vitest';
import { choosePromotions, MAX_PROMOTIONS } from '../../lib/controller/evaluate-group.ts';
import type { Grants } from '../../lib/controller/ports.ts';
import type { Job } from '../../lib/domain/job.ts';
import { addSeconds } from '../../lib/domain/time.ts';
import { aJob, NOW } from '../builders/records.ts';

describe('the choice among candidates', () => {
  const candidate = (jobId: string, given: Partial<Job> = {}) => {
    const { weight, wave, phaseSince } = aJob(given);
    return { jobId, to: 'shadow' as const, weight, step: 'commit' as const, wave, phaseSince };
  };
  const chosen = (candidates: ReturnType<typeof candidate>[], grants: Grants) =>
    choosePromotions(candidates, grants).map((one) => one.jobId);

  it('takes the lowest wave first, then who has waited longest', () => {
    const candidates = [
      candidate('late', { phaseSince: addSeconds(NOW, 60) }),
      candidate('second-wave', { wave: 1, phaseSince: addSeconds(NOW, -99) }),
      candidate('early'),
    ];
    expect(chosen(candidates, { shadow: 2 })).toEqual(['early', 'late']);
    expect(chosen(candidates, { shadow: 9 })).toEqual(['early', 'late', 'second-wave']);
  });

  it('never takes more weight than was granted, phase by phase', () => {
    const candidates = [candidate('heavy', { weight: 3 }), candidate('light', { phaseSince: addSeconds(NOW, 1) })];
    expect(chosen(candidates, { shadow: 2 })).toEqual(['light']);
    expect(chosen(candidates, { shadow: 3 })).toEqual(['heavy']);
    expect(chosen(candidates, { 'reverse-shadow': 9 })).toEqual([]);
  });

  it('fits into the payload of a state machine', () => {
    const many = Array.from({ length: 500 }, (_, i) => candidate(`job-${i}`));
    expect(chosen(many, { shadow: 999 }).length).toBe(MAX_PROMOTIONS);
  });
});
