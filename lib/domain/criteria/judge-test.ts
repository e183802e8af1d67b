/**
 * What the sequential tests of one measure say about a job: their state, and whether what they rest on is still true. A
 * proven regression stands however old it is; a pass wants fresh pairs that both systems have measured.
 */
import { isComparablePair, landedAtOf, type Pair } from '../evidence/pair.ts';
import type { Tally, TestedMeasure } from '../evidence/tally.ts';
import { describeJudgement } from '../sequential/guarantee.ts';
import { judge } from '../sequential/judge.ts';
import type { SequentialSettings } from '../sequential/settings.ts';
import { describeSeconds, toMs } from '../time.ts';
import type { Case } from './case.ts';
import type { Finding } from './finding.ts';
import { GAPS, GAPS_OF } from './gaps.ts';

/**
 * `undefined` when neither system reports it, so that there is nothing to judge.
 * @param pairs the present pairs, newest first.
 */
export function judgeTest(
  facts: Case,
  tally: Tally | undefined,
  measure: TestedMeasure,
  pairs: readonly Pair[],
): Finding | undefined {
  const { key } = measure;
  const state = tally?.states[key];
  const reports = readReports(pairs, measure);
  if (!state) {
    if (!reports.some) return undefined;
    return { outcome: 'missing', message: `${key}: both systems have to report it`, pairs: 0 };
  }
  const settings = settingsOf(facts, measure);
  const { outcome, numbers } = judge(state, settings);
  const lack = outcome === 'fail' ? undefined : lackOfReports(facts, key, reports);
  const said = `${key}: ${describeJudgement({ outcome, numbers }, settings)}`;
  const shown = lack === undefined ? outcome : 'missing';
  return {
    outcome: shown,
    message: lack === undefined ? said : `${lack}; ${said}`,
    pairs: numbers.pairs,
    numbers: { measure: key, outcome: shown, ...measure.settings, ...numbers },
  };
}

function settingsOf({ policy }: Case, { settings }: TestedMeasure): SequentialSettings {
  const { tolerance, detectableRatio, floor } = settings;
  return { tolerance, detectableRatio, floor, ...policy.statistics, minPairs: policy.minPairs };
}

/** Who has reported a measure lately. */
interface Reports {
  /** Any system did, in any pair. */
  some: boolean;
  /** The newest pair in which both did. */
  newest: Pair | undefined;
  /** How many of the newest were looked at for gaps, and those in which one system alone reported. */
  looked: number;
  gaps: Pair[];
}

/** As far back as it matters: to the newest measured pair, and over the pairs that are looked at for gaps. */
function readReports(pairs: readonly Pair[], { read }: TestedMeasure): Reports {
  const reports: Reports = { some: false, newest: undefined, looked: 0, gaps: [] };
  for (const pair of pairs) {
    if (pair.backfill || !isComparablePair(pair)) continue;
    const [old, next] = read(pair);
    const sides = (old === undefined ? 0 : 1) + (next === undefined ? 0 : 1);
    if (sides > 0) reports.some = true;
    if (sides === 2) reports.newest ??= pair;
    if (reports.looked < GAPS_OF) {
      reports.looked += 1;
      if (sides === 1) reports.gaps.push(pair);
    } else if (reports.newest) break;
  }
  return reports;
}

/** Why what was counted does not let a job pass today; `undefined` when nothing speaks against it. */
function lackOfReports({ policy, now }: Case, key: string, { newest, looked, gaps }: Reports): string | undefined {
  const [gap] = gaps;
  if (gap && (newest === undefined || landedAtOf(gap) > landedAtOf(newest) || gaps.length >= GAPS)) {
    return `${key}: only one system reports it, in ${gaps.length} of the newest ${looked} pairs, e.g. ${gap.partition} (${GAPS - 1} allowed, and not the newest)`;
  }
  if (!newest) return `${key}: neither system reports it any more`;
  const ageSeconds = (toMs(now) - landedAtOf(newest)) / 1000;
  if (ageSeconds <= policy.maxAgeSeconds) return undefined;
  return `${key}: the newest measured pair is ${describeSeconds(ageSeconds)} old, ${describeSeconds(policy.maxAgeSeconds)} allowed`;
}
