/**
 * One noise model, all rules, the same traces. Four questions: how many healthy jobs are demoted within 240 landings; how
 * soon they are promoted; how long a regression that begins after 24 to 95 healthy landings goes unnoticed; and how many
 * jobs that are slower from the start are promoted at some time within 400 landings.
 */
import { drawTrace, type NoiseModel, REGRESSIONS, type Regression, type Trace } from './noise.ts';
import { randomOf } from './random.ts';
import { FAIL, FAIL_STRICTLY, PASS, type Rule } from './rules/rule.ts';

export interface Delay {
  /** Landings from the beginning of the regression to the demotion; `null` when half of the jobs were not demoted in time. */
  median: number | null;
  p90: number | null;
  /** Of the jobs that were still there when it began. */
  jobs: number;
  undetected: number;
}

export interface Share {
  count: number;
  of: number;
}

export interface Figures {
  falseDemotions: Share;
  promotedAfter: { median: number | null; p90: number | null };
  delays: Record<Regression, Delay>;
  falsePromotions: Record<'1.3' | '2', Share>;
  /** At the threshold of the second table. */
  strict?: { falseDemotions: Share; delays: Record<Regression, Delay> };
}

const HEALTHY_LANDINGS = 240;
const WATCHED_LANDINGS = 400;
const NOTICED_WITHIN = 480;
const MAX_LANDINGS = 600;

export function simulate(model: NoiseModel, rules: readonly Rule[], jobs: number, seed: string): Map<string, Figures> {
  const tallies = new Map(rules.map((rule) => [rule, newTally()]));
  const trace: Trace = { old: new Float64Array(MAX_LANDINGS), next: new Float64Array(MAX_LANDINGS) };

  for (let job = 0; job < jobs; job++) {
    drawTrace(model, randomOf(seed, model.name, 'healthy', job), trace, HEALTHY_LANDINGS);
    for (const [rule, tally] of tallies) {
      const seen = watch(rule, trace, HEALTHY_LANDINGS);
      tally.demoted += seen.failedAt === undefined ? 0 : 1;
      tally.strictlyDemoted += seen.strictlyFailedAt === undefined ? 0 : 1;
      tally.promotedAfter.push(seen.passedAt);
    }
    for (const ratio of ['1.3', '2'] as const) {
      drawTrace(model, randomOf(seed, model.name, 'slow', ratio, job), trace, WATCHED_LANDINGS);
      regress(trace, ratio, 0, WATCHED_LANDINGS);
      for (const [rule, tally] of tallies) {
        const seen = watch(rule, trace, WATCHED_LANDINGS, PASS);
        tally.falselyPromoted[ratio] += seen.passedAt === undefined ? 0 : 1;
      }
    }
  }
  const delayedJobs = Math.min(jobs, Math.max(200, Math.ceil(jobs / 5)));
  for (const regression of Object.keys(REGRESSIONS) as Regression[]) {
    for (let job = 0; job < delayedJobs; job++) {
      const random = randomOf(seed, model.name, 'regressing', regression, job);
      const begins = 24 + random.whole(72);
      drawTrace(model, random, trace, begins + NOTICED_WITHIN);
      regress(trace, regression, begins, begins + NOTICED_WITHIN);
      for (const [rule, tally] of tallies) {
        const { failedAt, strictlyFailedAt } = watch(rule, trace, begins + NOTICED_WITHIN, FAIL);
        if (failedAt === undefined || failedAt > begins) tally.delays[regression].push(since(begins, failedAt));
        if (strictlyFailedAt === undefined || strictlyFailedAt > begins) {
          tally.strictDelays[regression].push(since(begins, strictlyFailedAt));
        }
      }
    }
  }
  return new Map([...tallies].map(([rule, tally]) => [rule.name, figuresOf(tally, jobs, rule.name === 'crossfade')]));
}

function regress(trace: Trace, regression: Regression, from: number, to: number): void {
  for (let i = from; i < to; i++) trace.next[i]! *= REGRESSIONS[regression](i - from + 1);
}

interface Seen {
  passedAt?: number;
  failedAt?: number;
  strictlyFailedAt?: number;
}

/** Until `enough` was answered, or to the end. A rule with one threshold answers for both. */
function watch(rule: Rule, trace: Trace, landings: number, enough = 0): Seen {
  const answer = rule.watch();
  const seen: Seen = {};
  const strict = rule.name === 'crossfade';
  for (let i = 0; i < landings; i++) {
    const said = answer(trace.old[i]!, trace.next[i]!);
    if (said === 0) continue;
    if (said & PASS) seen.passedAt ??= i + 1;
    if (said & FAIL) seen.failedAt ??= i + 1;
    if (said & FAIL_STRICTLY) seen.strictlyFailedAt ??= i + 1;
    if (enough === PASS && seen.passedAt !== undefined) break;
    if (enough === FAIL && (strict ? seen.strictlyFailedAt : seen.failedAt) !== undefined) break;
  }
  return seen;
}

type Landings = number | undefined;

function newTally() {
  return {
    demoted: 0,
    strictlyDemoted: 0,
    promotedAfter: [] as Landings[],
    falselyPromoted: { '1.3': 0, '2': 0 },
    delays: { '1.3': [], '2': [], drift: [] } as Record<Regression, Landings[]>,
    strictDelays: { '1.3': [], '2': [], drift: [] } as Record<Regression, Landings[]>,
  };
}

function figuresOf(tally: ReturnType<typeof newTally>, jobs: number, strict: boolean): Figures {
  const share = (count: number): Share => ({ count, of: jobs });
  return {
    falseDemotions: share(tally.demoted),
    promotedAfter: { median: quantile(tally.promotedAfter, 0.5), p90: quantile(tally.promotedAfter, 0.9) },
    delays: delaysOf(tally.delays),
    falsePromotions: { '1.3': share(tally.falselyPromoted['1.3']), '2': share(tally.falselyPromoted['2']) },
    ...(strict && {
      strict: { falseDemotions: share(tally.strictlyDemoted), delays: delaysOf(tally.strictDelays) },
    }),
  };
}

function delaysOf(delays: Record<Regression, Landings[]>): Record<Regression, Delay> {
  const delay = (landings: readonly Landings[]): Delay => ({
    median: quantile(landings, 0.5),
    p90: quantile(landings, 0.9),
    jobs: landings.length,
    undetected: landings.filter((at) => at === undefined).length,
  });
  return { '1.3': delay(delays['1.3']), '2': delay(delays['2']), drift: delay(delays.drift) };
}

function since(begins: number, at: Landings): Landings {
  return at === undefined ? undefined : at - begins;
}

/** Of too few jobs there is none; what never happened counts as later than all. */
function quantile(landings: readonly Landings[], share: number): number | null {
  if (landings.length < 20) return null;
  const ranked = landings.map((at) => at ?? Number.POSITIVE_INFINITY).sort((a, b) => a - b);
  const value = ranked[Math.ceil(share * ranked.length) - 1]!;
  return Number.isFinite(value) ? value : null;
}
