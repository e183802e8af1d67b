/**
 * Ours: the shipped fold and judgement, with the default settings and one threshold for every noise model. The second
 * threshold is what a budget of 12 false demotions a year over 50,000 hourly jobs asks for, of one measure.
 */
import { foldPair } from '../../../lib/domain/sequential/fold.ts';
import { thresholdFor } from '../../../lib/domain/sequential/guarantee.ts';
import { judge } from '../../../lib/domain/sequential/judge.ts';
import { DEFAULT_SETTINGS } from '../../../lib/domain/sequential/settings.ts';
import { emptyState } from '../../../lib/domain/sequential/state.ts';
import { FAIL, FAIL_STRICTLY, PASS, type Rule } from './rule.ts';

export const SETTINGS = { ...DEFAULT_SETTINGS, floor: 60 };
export const STRICT_THRESHOLD = thresholdFor({ jobs: 50_000, landingsPerYear: 8760, measures: 1 }, 12);

export const crossfade: Rule = {
  name: 'crossfade',
  says: `sequential tests, tolerance ${100 * SETTINGS.tolerance} %, threshold ${SETTINGS.threshold}, alpha ${SETTINGS.alpha}`,
  watch: () => {
    let state = emptyState(SETTINGS);
    return (old, next) => {
      state = foldPair(state, old, next, SETTINGS);
      const { outcome, numbers } = judge(state, SETTINGS);
      const answer = outcome === 'pass' ? PASS : outcome === 'fail' ? FAIL : 0;
      return numbers.regression >= STRICT_THRESHOLD ? answer | FAIL_STRICTLY : answer;
    };
  },
};
