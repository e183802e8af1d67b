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
    const shifts = new Float64Array(PAIRS);
    return (old, next) => {
      control.push(old);
      experiment.push(next);
      if (!control.full) return 0;
      return isHigh(control, experiment, shifts) ? FAIL : PASS;
    };
  },
};

function isHigh(control: Window, experiment: Window, shifts: Float64Array): boolean {
  // The interval lies above zero only if the statistic is significant, which is cheaper to know.
  let above = 0;
  for (const next of experiment.values) {
    for (const old of control.values) above += next > old ? 1 : next === old ? 0.5 : 0;
  }
  if ((above - PAIRS / 2 - 0.5) / DEVIATION <= QUANTILE) return false;
  if (experiment.mean < LIMIT * control.mean) return false;

  let at = 0;
  for (const next of experiment.values) for (const old of control.values) shifts[at++] = next - old;
  shifts.sort();
  const lower = shifts[Math.max(0, Math.floor(PAIRS / 2 - 0.5 - QUANTILE * DEVIATION))]!;
  const estimate = (shifts[PAIRS / 2 - 1]! + shifts[PAIRS / 2]!) / 2;
  return lower > TOLERANCE * Math.abs(estimate);
}
