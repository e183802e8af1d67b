/**
 * Ours: `policies/default.yaml` as it is shipped, with one threshold for every noise model. `crossfadeWhole` is the whole
 * way: landings are folded as `gather` folds them, and `evaluate` judges after each. `crossfade` leaves out what cannot
 * change the answer (names, times, texts): it counts pairs with the same code and asks the same test and the same limits, at
 * a thirtieth of the price. That both answer alike, landing by landing, is a test: test/bench/crossfade-rule.test.ts.
 */
import type { Claim } from '../../../lib/domain/claim.ts';
import { countingRules } from '../../../lib/domain/counting.ts';
import { evaluate } from '../../../lib/domain/evaluate.ts';
import type { Pair } from '../../../lib/domain/evidence/pair.ts';
import { countPair, type Tally } from '../../../lib/domain/evidence/tally.ts';
import { countSettled, type Evidence, emptyEvidence, foldClaim } from '../../../lib/domain/evidence.ts';
import { createJob } from '../../../lib/domain/job.ts';
import type { Landing } from '../../../lib/domain/landing.ts';
import type { System } from '../../../lib/domain/phases.ts';
import type { Policy } from '../../../lib/domain/policy.ts';
import { thresholdFor } from '../../../lib/domain/sequential/guarantee.ts';
import { judge } from '../../../lib/domain/sequential/judge.ts';
import type { SequentialSettings } from '../../../lib/domain/sequential/settings.ts';
import { toInstant } from '../../../lib/domain/time.ts';
import { loadPolicies } from '../../../lib/policies/load.ts';
import { FAIL, FAIL_STRICTLY, PASS, type Rule } from './rule.ts';

const POLICIES = new URL('../../../policies/', import.meta.url).pathname;
const found = loadPolicies(POLICIES).find('default');
if (!found?.criteria.landingLatency) throw new Error(`${POLICIES}default.yaml has to judge the landing latency`);
const POLICY: Policy = found;
const LATENCY = found.criteria.landingLatency;
const RULES = countingRules(POLICY);
/** The lag's test alone: of nothing else are there figures in a trace. */
const MEASURES = RULES.measures.filter(({ key }) => key === 'lag');

export const SETTINGS: SequentialSettings = {
  ...LATENCY.lag.test,
  ...POLICY.statistics,
  minPairs: POLICY.minPairs,
};
/** What a budget of 12 false demotions a year over 50,000 hourly jobs asks for, of one measure. */
export const STRICT_THRESHOLD = thresholdFor({ jobs: 50_000, landingsPerYear: 8760, measures: 1 }, 12);

export const crossfade: Rule = {
  name: 'crossfade',
  says: `sequential tests, tolerance ${100 * SETTINGS.tolerance} %, threshold ${SETTINGS.threshold}, alpha ${SETTINGS.alpha}; ${LATENCY.gross.breaches} of ${LATENCY.of} landings ${LATENCY.gross.ratio} times as late`,
  watch: () => {
    let tally: Tally | undefined;
    const breaches: boolean[] = [];
    let landings = 0;
    return (old, next) => {
      const pair = { ...TYPICAL, partition: partitionOf(landings), ...lagsOf(old, next) };
      landings += 1;
      tally = countPair(tally, pair, MEASURES);
      breaches.push(isGross(pair));
      if (breaches.length > LATENCY.of) breaches.shift();
      const gross = breaches.filter((breach) => breach).length;
      const state = tally?.states.lag;
      if (!state) return 0;
      const { outcome, numbers } = judge(state, SETTINGS);
      return answerOf(
        gross >= LATENCY.gross.breaches || outcome === 'fail',
        gross === 0 && outcome === 'pass' && tally !== undefined && tally.equal >= POLICY.minPairs,
        numbers.regression,
      );
    };
  },
};

/** Both systems land each hour's partition, and a sweep judges. Lags may be longer than that: what arrives is in order. */
export const crossfadeWhole: Rule = {
  name: 'crossfade-whole',
  says: crossfade.says,
  watch: () => {
    const job = { ...createJob('bench', ATTRIBUTES, 'reverse-shadow', toInstant(START)) };
    let evidence: Evidence = emptyEvidence(job.jobId);
    let landings = 0;
    return (old, next) => {
      const at = START + landings * HOUR;
      const claim = aClaimOf(partitionOf(landings), at, old, next);
      landings += 1;
      const folded = foldClaim(evidence, claim, 'streamed', RULES);
      if (folded.kind !== 'folded') throw new Error(`a landing in order asks to ${folded.kind}`);
      // What gather sees of it: the landing before has settled, this one has not.
      evidence = countSettled(folded.evidence, RULES, toInstant(at));
      const { verdicts } = evaluate({ job, evidence, policy: POLICY, controls: { version: 0 }, now: toInstant(at) });
      const latency = verdicts.find(({ criterion }) => criterion === 'landingLatency');
      const quality = verdicts.find(({ criterion }) => criterion === 'dataQuality');
      return answerOf(
        latency?.outcome === 'fail',
        latency?.outcome === 'pass' && quality?.outcome === 'pass',
        latency?.numbers?.[0]?.regression ?? 0,
      );
    };
  },
};

function answerOf(failed: boolean, passed: boolean, regression: number): number {
  return (failed ? FAIL : 0) | (passed ? PASS : 0) | (regression >= STRICT_THRESHOLD ? FAIL_STRICTLY : 0);
}

const HOUR = 3_600_000;
const START = Date.UTC(2026, 0, 1);
const ATTRIBUTES = {
  team: 'bench',
  policy: POLICY.name,
  wave: 0,
  weight: 1,
  labels: {},
  shape: 'partitioned',
  integration: 'fenced',
} as const;

const TYPICAL: Pair = {
  partition: '',
  epoch: 1,
  outcome: 'match',
  changedAt: 0,
  release: '',
  final: true,
  backfill: false,
  claimedAt: 0,
  counted: false,
};

function partitionOf(landings: number): string {
  return `hour-${String(landings).padStart(4, '0')}`;
}

/** As a claim's instants and the evidence keep them: whole milliseconds, Float32. */
function lagsOf(old: number, next: number) {
  return { oldLagSeconds: kept(old), newLagSeconds: kept(next) };
}

function kept(seconds: number): number {
  return Math.fround(Math.trunc(seconds * 1000) / 1000);
}

function isGross({ oldLagSeconds: old = 0, newLagSeconds: next = 0 }: Pair): boolean {
  return next > old * LATENCY.gross.ratio && next - old >= LATENCY.lag.floor;
}

function aClaimOf(partition: string, at: number, old: number, next: number): Claim {
  const landed = (system: System, lag: number): Landing => ({
    system,
    token: { generation: 1, grant: 1 },
    attempt: 1,
    rowCount: 1_000,
    checksum: 'equal',
    checksumAlgorithm: 'none',
    landedAt: toInstant(at + Math.trunc(lag * 1000)),
    acceptedAt: toInstant(at),
    kind: 'scheduled',
    final: true,
  });
  return {
    jobId: 'bench',
    partition,
    writer: 'new',
    epoch: 1,
    generation: 1,
    grant: 1,
    rightOutstanding: false,
    readyAt: toInstant(at),
    claimedAt: toInstant(at),
    changedAt: toInstant(at),
    revision: 3,
    production: landed('new', next),
    shadow: landed('old', old),
  };
}
