import { describe, expect, it } from 'vitest';
import { drawTrace, NOISE_MODELS } from '../../bench/decisions/noise.ts';
import { randomOf } from '../../bench/decisions/random.ts';
import { crossfade, crossfadeWhole } from '../../bench/decisions/rules/crossfade.ts';
import { FAIL, PASS } from '../../bench/decisions/rules/rule.ts';

const LANDINGS = 120;
const JOBS = 8;

describe('the rule of the benchmark that is ours', () => {
  it('answers as the whole way through gather and evaluate does, after every landing of every noise model', () => {
    const seen = new Set<number>();
    for (const model of NOISE_MODELS) {
      for (let job = 0; job < JOBS; job++) {
        const trace = { old: new Float64Array(LANDINGS), next: new Float64Array(LANDINGS) };
        drawTrace(model, randomOf('equal', model.name, job), trace, LANDINGS);
        // One in two regresses half-way, and one in four grossly.
        const factor = [1, 1.3, 1, 30][job % 4]!;
        const [quick, whole] = [crossfade.watch(), crossfadeWhole.watch()];
        for (let i = 0; i < LANDINGS; i++) {
          const next = trace.next[i]! * (i >= LANDINGS / 2 ? factor : 1);
          const answer = quick(trace.old[i]!, next);
          expect(whole(trace.old[i]!, next), `${model.name}, job ${job}, landing ${i}`).toBe(answer);
          seen.add(answer);
        }
      }
    }
    for (const answer of [0, PASS, FAIL]) expect(seen).toContain(answer);
  });
});
