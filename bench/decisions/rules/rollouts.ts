/**
 * The count rules of the two common progressive-delivery controllers, from their documentation. Argo Rollouts
 * (`docs/features/analysis.md`): an analysis fails when more than `failureLimit` measurements have failed in all, and
 * succeeds after `consecutiveSuccessLimit` successes in a row. Flagger: every check that fails counts, `threshold` of
 * them roll back; every check that passes is a step, and after the last step the canary is promoted. Both are final.
 *
 * A measurement is a query over a time range. Over one landing it is what the names suggest; over the newest 24, a ratio
 * of means, it is what a careful operator would write. Argo is shown with both, Flagger with the second.
 */
import { FAIL, LIMIT, PASS, type Rule, type Watch, WINDOW, Window } from './rule.ts';

/** Of Argo's documented example, and of its tests. */
const FAILURE_LIMIT = 3;
const CONSECUTIVE_SUCCESS_LIMIT = 5;
/** Of Flagger's documented example: `threshold: 5`, `maxWeight: 50`, `stepWeight: 5`. */
const THRESHOLD = 5;
const STEPS = 10;

export const argoLanding: Rule = {
  name: 'argo',
  says: `failureLimit ${FAILURE_LIMIT}, consecutiveSuccessLimit ${CONSECUTIVE_SUCCESS_LIMIT}, each landing at most ${LIMIT} times`,
  watch: () => argo((old, next) => next <= LIMIT * old),
};

export const argoWindow: Rule = {
  name: 'argo-24',
  says: `the same, measuring the means of the newest ${WINDOW} landings`,
  watch: () => argo(meansOfWindow()),
};

export const flagger: Rule = {
  name: 'flagger-24',
  says: `threshold ${THRESHOLD}, ${STEPS} steps, means of the newest ${WINDOW} landings at most ${LIMIT} times`,
  watch: () => {
    const check = meansOfWindow();
    let failed = 0;
    let passed = 0;
    return final((old, next) => {
      const success = check(old, next);
      if (success === undefined) return 0;
      if (success) passed += 1;
      else failed += 1;
      return failed >= THRESHOLD ? FAIL : passed >= STEPS ? PASS : 0;
    });
  },
};

/** `undefined`: nothing to measure yet. */
type Check = (old: number, next: number) => boolean | undefined;

function argo(check: Check): Watch {
  let pairs = 0;
  let failed = 0;
  let inARow = 0;
  return final((old, next) => {
    pairs += 1;
    const success = check(old, next);
    if (success === undefined) return 0;
    inARow = success ? inARow + 1 : 0;
    if (!success) failed += 1;
    if (failed > FAILURE_LIMIT) return FAIL;
    return inARow >= CONSECUTIVE_SUCCESS_LIMIT && pairs >= WINDOW ? PASS : 0;
  });
}

function meansOfWindow(): Check {
  const olds = new Window();
  const news = new Window();
  return (old, next) => {
    olds.push(old);
    news.push(next);
    return olds.full ? news.mean <= LIMIT * olds.mean : undefined;
  };
}

/** A failed analysis stays failed; one that passed goes on being watched, as a background analysis is. */
function final(watch: Watch): Watch {
  let failed = false;
  return (old, next) => {
    if (failed) return FAIL;
    const answer = watch(old, next);
    failed = answer === FAIL;
    return answer;
  };
}
