/**
 * The judge of Kayenta (Spinnaker), from its sources (`NetflixACAJudge`, `MannWhitneyClassifier`): a Mann-Whitney test of
 * control against experiment, unpaired, at 98 % confidence. A metric is "High" when the lower end of the confidence
 * interval of the shift exceeds a quarter of the shift's estimate (Hodges-Lehmann); we add its optional effect size, a
 * ratio of means of at least 1.1 (`allowedIncrease`). Judged at every landing over the newest 24 of both sides.
 */
import { FAIL, LIMIT, PASS, type Rule, WINDOW, Window } from './rule.ts';

const TOLERANCE = 0.25;
/** The normal quantile of 99 %: two-sided 98 %. */
const QUANTILE = 2.3263;
const PAIRS = WINDOW * WINDOW;
const DEVIATION = Math.sqrt((PAIRS * (2 * WINDOW + 1)) / 12);

export const kayenta: Rule = {
  name: 'kayenta',
  says: `Mann-Whitney at 98 %, tolerance ${TOLERANCE}, effect size ${LIMIT}, newest ${WINDOW} landings`,
  watch: () => {
    const control = new Window();
    const experiment = new Window();
    /** Of all pairs in the window, how often new exceeds old: the statistic, kept up to date landing by landing. Both windows begin as zeros. */
    let above = PAIRS / 2;
    return (old, next) => {
      const oldGone = control.push(old);
      for (let i = 0; i < WINDOW; i++)
        above += exceeds(experiment.values[i]!, old) - exceeds(experiment.values[i]!, oldGone);
      const newGone = experiment.push(next);
      for (let i = 0; i < WINDOW; i++)
        above += exceeds(next, control.values[i]!) - exceeds(newGone, control.values[i]!);
      if (!control.full) return 0;
      return isHigh(control, experiment, above) ? FAIL : PASS;
    };
  },
};

function exceeds(next: number, old: number): number {
  return next > old ? 1 : next === old ? 0.5 : 0;
}

function isHigh(control: Window, experiment: Window, above: number): boolean {
  // The interval lies above zero only if the statistic is significant, which is cheaper to know.
  if ((above - PAIRS / 2 - 0.5) / DEVIATION <= QUANTILE) return false;
  if (experiment.mean < LIMIT * control.mean) return false;

  const olds = control.values.slice().sort();
  const news = experiment.values.slice().sort();
  const lower = shiftOfRank(olds, news, Math.max(1, Math.floor(PAIRS / 2 - 0.5 - QUANTILE * DEVIATION)));
  const estimate = shiftOfRank(olds, news, PAIRS / 2);
  return lower > TOLERANCE * Math.abs(estimate);
}

/** The `rank`-th smallest of all differences new - old, by bisection to a ten-thousandth of their range. */
function shiftOfRank(olds: Float64Array, news: Float64Array, rank: number): number {
  let low = news[0]! - olds[WINDOW - 1]!;
  let high = news[WINDOW - 1]! - olds[0]!;
  const precision = (high - low) * 1e-4;
  while (high - low > precision) {
    const middle = (low + high) / 2;
    // For each new value, the old ones that it exceeds by at most `middle` lie at or above a pointer that only rises.
    let within = 0;
    let at = 0;
    for (let i = 0; i < WINDOW; i++) {
      while (at < WINDOW && news[i]! - olds[at]! > middle) at += 1;
      within += WINDOW - at;
    }
    if (within >= rank) high = middle;
    else low = middle;
  }
  return high;
}
