/**
 * The test that demotes: an e-detector of Shiryaev-Roberts type against "new is at most `1 + tolerance` times old" (Shin,
 * Ramdas and Rinaldo 2023, "E-detectors: a nonparametric framework for sequential change detection"). A new bet of 1 in
 * all starts with every pair, since a regression may begin at any; what they are worth together, minus the number of
 * pairs, is a supermartingale while there is none, so the mean time until they are worth A is A pairs or more. It is a
 * mixture over three fractions: one tuned to the detectable regression, one for slow drifts, one for gross steps.
 *
 * It runs twice: on the pairs as they are, and on what is new in each, with the part taken off that the pair before led
 * to expect. Where pairs resemble their predecessors, the smaller of the two counts. A minimum can only delay, so for
 * independent pairs the promise is that of the first, whatever is measured. (Averages over blocks, which the promotion's
 * test uses, would give at most a factor of 1.95 a block, and took two to six times as many landings here.)
 */
import { LARGEST_STAKE, scoreOf, stakeFor } from './stakes.ts';

/** What the running bets are worth, by fraction. */
export interface Bets {
  tuned: number;
  patient: number;
  eager: number;
}

export interface RegressionState {
  plain: Bets;
  decorrelated: Bets;
}

const STARTED = { tuned: 0.6, patient: 0.2, eager: 0.2 };
const PATIENT_STAKE = 0.3;
/** Above any threshold in use, and a bound on how long a past regression is held against a job. */
const MOST = 1e12;

/** Correlation is taken for higher than measured while little is known: by this over the number of pairs. */
const CAUTION = 5;
const MOST_EXPECTED = 0.9;

export function emptyRegression(): RegressionState {
  const none = { tuned: 0, patient: 0, eager: 0 };
  return { plain: none, decorrelated: none };
}

/** What is known before a pair. Log-ratios count from the tolerance. */
export interface Expectation {
  pairs: number;
  previous: number;
  spread: number;
  autocorrelation: number;
  /** From the tolerance to the detectable ratio. */
  gap: number;
}

/** `excess` is the pair's log-ratio above the tolerance. */
export function foldRegression(state: RegressionState, excess: number, expected: Expectation): RegressionState {
  const { pairs, previous, spread, autocorrelation, gap } = expected;
  const share = pairs === 0 ? 0 : Math.min(MOST_EXPECTED, Math.max(0, autocorrelation + CAUTION / (pairs + CAUTION)));
  const news = excess - share * previous;
  const newsSpread = spread * Math.sqrt(1 - share ** 2);
  return {
    plain: foldBets(state.plain, scoreOf(excess / spread), stakeFor(gap / spread)),
    decorrelated: foldBets(state.decorrelated, scoreOf(news / newsSpread), stakeFor((gap * (1 - share)) / newsSpread)),
  };
}

export function regressionEvidence({ plain, decorrelated }: RegressionState, independent: boolean): number {
  return independent ? worthOf(plain) : Math.min(worthOf(plain), worthOf(decorrelated));
}

function foldBets({ tuned, patient, eager }: Bets, score: number, stake: number): Bets {
  return {
    tuned: settle(tuned + STARTED.tuned, stake, score),
    patient: settle(patient + STARTED.patient, PATIENT_STAKE, score),
    eager: settle(eager + STARTED.eager, LARGEST_STAKE, score),
  };
}

function settle(worth: number, stake: number, score: number): number {
  return Math.fround(Math.min(MOST, worth * (1 + stake * score)));
}

function worthOf({ tuned, patient, eager }: Bets): number {
  return tuned + patient + eager;
}
