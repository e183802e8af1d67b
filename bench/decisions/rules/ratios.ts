/**
 * Two rules of the kind that teams write themselves, over the ratios of the newest 24 pairs: their median, and how many
 * of them exceed the limit.
 */
import { FAIL, LIMIT, PASS, type Rule, WINDOW, Window } from './rule.ts';

export const medianRatio: Rule = {
  name: 'median',
  says: `median ratio of the newest ${WINDOW} pairs above ${LIMIT} demotes, at most ${LIMIT} promotes`,
  watch: () => {
    const ratios = new Window();
    const ranked = new Float64Array(WINDOW);
    return (old, next) => {
      ratios.push(next / old);
      if (!ratios.full) return 0;
      ranked.set(ratios.values);
      ranked.sort();
      return (ranked[WINDOW / 2 - 1]! + ranked[WINDOW / 2]!) / 2 > LIMIT ? FAIL : PASS;
    };
  },
};

const CONDEMNED = 18;
const FINE = 12;

export const mostOfWindow: Rule = {
  name: '18-of-24',
  says: `${CONDEMNED} of the newest ${WINDOW} pairs above ${LIMIT} demote, at most ${FINE} promote`,
  watch: () => {
    const exceeding = new Window();
    let count = 0;
    return (old, next) => {
      const exceeds = next > LIMIT * old ? 1 : 0;
      count += exceeds - exceeding.push(exceeds);
      if (!exceeding.full) return 0;
      return count >= CONDEMNED ? FAIL : count <= FINE ? PASS : 0;
    };
  },
};
