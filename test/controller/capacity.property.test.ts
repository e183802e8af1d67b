/**
 * Invariant 8: no automatic promotion takes a phase over its limit. A small fleet, whose jobs are always ready, goes
 * through random schedules of the sweep's steps as AWS may play them: fan-outs late, twice and out of order, evaluations
 * that die or answer late, commits that are repeated, delayed or lost, accounts that never come.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { accountForGrants, type PromotionResult } from '../../lib/controller/account.ts';
import { commitPromotion } from '../../lib/controller/commit.ts';
import { evaluateGroup, type GroupRequest } from '../../lib/controller/evaluate-group.ts';
import { fanOut } from '../../lib/controller/fan-out.ts';
import type { GroupResult } from '../../lib/controller/group-result.ts';
import { shardOf } from '../../lib/domain/hash.ts';
import { addSeconds, toMs } from '../../lib/domain/time.ts';
import { aJob, anEvidence, aPair, aPolicy, NOW } from '../builders/records.ts';
import { aStage, type Stage } from './stage.ts';

const INTERVAL = 100;
const CAPACITY = { shadow: 4, 'reverse-shadow': 3, cleanup: 2 };
const LIMITED = ['shadow', 'reverse-shadow', 'cleanup'] as const;

type Move =
  /** `meeting`: another one comes right before this one's ledger is written. */
  | { do: 'fan-out'; sweepsBack: number; meeting: boolean }
  | { do: 'evaluate' | 'commit' | 'account' | 'die'; which: number }
  | { do: 'wait'; seconds: number }
  /** A sweep as it should be, and jobs that leave cleanup, so that there is always room for something. */
  | { do: 'whole-sweep' | 'complete' };

/** Mostly of the newest executions, sometimes of one that everybody has forgotten. */
const which = fc.oneof({ weight: 5, arbitrary: fc.nat(5) }, { weight: 1, arbitrary: fc.nat(60) });

const move: fc.Arbitrary<Move> = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constant('fan-out' as const),
      sweepsBack: fc.constantFrom(0, 0, 0, 1, 2),
      meeting: fc.constantFrom(false, false, true),
    }),
  },
  {
    weight: 20,
    arbitrary: fc.record({
      do: fc.constantFrom(
        'evaluate' as const,
        'evaluate' as const,
        'commit' as const,
        'commit' as const,
        'account' as const,
      ),
      which,
    }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('die' as const), which }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('whole-sweep' as const, 'complete' as const) }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('wait' as const), seconds: fc.constantFrom(0.001, 7, 45, 100, 130, 2_000) }),
  },
);

/** One execution of the state machine, as far as it has come. */
interface Execution {
  request: GroupRequest;
  /** The last answer is the one that the state machine goes on with. */
  answer?: GroupResult;
  results: Map<string, PromotionResult['result']>;
  accounted: boolean;
}

class Fleet {
  readonly stage: Stage;
  readonly executions: Execution[] = [];
  promotions = 0;

  constructor(weights: readonly number[]) {
    const fleet = { capacity: CAPACITY, promotionsPerSweep: 6 };
    const limits = { cooldown: { firstSeconds: 0, maxSeconds: 0 }, maxAgeSeconds: 9e6 };
    this.stage = aStage({ fleet, policy: { ...limits, criteria: { ...NONE } } });
    for (const [i, weight] of weights.entries()) {
      const job = aJob({ jobId: `job-${i}`, weight });
      this.stage.state.jobs.set(job.jobId, job);
      this.refresh(job.jobId);
    }
  }

  async start(): Promise<void> {
    for (const jobId of this.stage.state.jobs.keys()) await this.stage.ports.fleet.ensureShard(shardOf(jobId));
  }

  /** Evidence of the job's present epoch, so that it is ready again at once. */
  private refresh(jobId: string): void {
    const { epoch } = this.stage.job(jobId);
    const recent = [0, 1, 2].map((i) =>
      aPair({ partition: `p${i}`, epoch, final: true, changedAt: toMs(NOW), oldLandedAt: toMs(NOW) }),
    );
    this.stage.state.evidence.set(jobId, anEvidence({ jobId, recent }));
  }

  async play(one: Move): Promise<void> {
    if (one.do === 'wait') this.stage.advance(one.seconds);
    else if (one.do === 'fan-out') await this.fanOut(one.sweepsBack, one.meeting);
    else if (one.do === 'whole-sweep') await this.sweep();
    else if (one.do === 'complete') this.complete();
    else if ('which' in one && this.executions.length > 0)
      await this.run(one, this.executions.at(-1 - (one.which % this.executions.length))!);
  }

  private async fanOut(sweepsBack: number, meeting = false): Promise<void> {
    const elapsed = (toMs(this.stage.now()) - toMs(NOW)) / 1000;
    const due = Math.floor(elapsed / INTERVAL) - sweepsBack;
    if (due < 0) return;
    if (meeting) this.stage.before('fleet.createLedger', () => this.fanOut(sweepsBack > 0 ? 0 : 1));
    const start = async (_: string, input: object) => {
      const request = input as GroupRequest;
      const { sweepId, group } = request;
      // A name that was started before is the same execution.
      if (this.executions.some((one) => one.request.sweepId === sweepId && one.request.group === group)) return;
      this.executions.push({ request, results: new Map(), accounted: false });
    };
    const scheduledAt = addSeconds(NOW, due * INTERVAL);
    const settings = { intervalSeconds: INTERVAL, groupSize: 3 };
    await fanOut(this.stage.ports, { start }, settings, scheduledAt, this.stage.now());
  }

  private async sweep(): Promise<void> {
    this.stage.advance(INTERVAL);
    await this.fanOut(0);
    for (const execution of this.executions) {
      await this.run({ do: 'evaluate', which: 0 }, execution);
      for (let i = 0; i < (execution.answer?.promotions.length ?? 0); i++)
        await this.run({ do: 'commit', which: i }, execution);
      await this.run({ do: 'account', which: 0 }, execution);
    }
  }

  private complete(): void {
    for (const job of this.stage.state.jobs.values())
      if (job.phase === 'cleanup')
        this.stage.state.jobs.set(job.jobId, { ...job, phase: 'complete', version: job.version + 1 });
  }

  private async run(one: Extract<Move, { which: number }>, execution: Execution): Promise<void> {
    const { request, answer, results } = execution;
    if (one.do === 'die') execution.accounted = true;
    if (execution.accounted) return;
    if (one.do === 'evaluate' && results.size === 0) {
      execution.answer = await evaluateGroup(this.stage.ports, request, this.stage.now);
    } else if (one.do === 'commit' && answer && answer.promotions.length > 0) {
      const { jobId, to } = answer.promotions[one.which % answer.promotions.length]!;
      const { sweepId, expiresAt } = request;
      const outcome = await commitPromotion(this.stage.ports, { jobId, to, sweepId, expiresAt }, this.stage.now);
      results.set(jobId, outcome.committed ? 'committed' : 'refused');
      if (outcome.committed) {
        this.promotions += 1;
        this.refresh(jobId);
      }
    } else if (one.do === 'account' && answer) {
      // A commit that never answered may have happened: the state machine says so.
      const said = answer.promotions.map((promotion) => ({
        ...promotion,
        result: results.get(promotion.jobId) ?? ('unknown' as const),
      }));
      await accountForGrants(this.stage.ports, { ...request, results: said }, this.stage.now());
      execution.accounted = true;
    }
  }

  expectWithinLimits(after: Move): void {
    for (const phase of LIMITED) {
      const jobs = [...this.stage.state.jobs.values()].filter((job) => job.phase === phase);
      const weight = jobs.reduce((sum, job) => sum + job.weight, 0);
      expect(weight, `${phase} after ${JSON.stringify(after)}`).toBeLessThanOrEqual(CAPACITY[phase]);
    }
  }
}

const NONE = { ...aPolicy().criteria, landingLatency: false, resourceUtilization: false } as const;

describe('the limits of the fleet', () => {
  it('hold under late, repeated, overlapping and half-dead sweeps', async () => {
    let promotions = 0;
    const schedule = fc.array(move, { minLength: 100, maxLength: 300, size: 'max' });
    const weights = fc.array(fc.integer({ min: 1, max: 2 }), { minLength: 12, maxLength: 16 });
    await fc.assert(
      fc.asyncProperty(weights, schedule, async (sizes, moves) => {
        const fleet = new Fleet(sizes);
        await fleet.start();
        for (const one of moves) {
          await fleet.play(one);
          fleet.expectWithinLimits(one);
        }
        promotions += fleet.promotions;
      }),
      { numRuns: 60 },
    );
    // Otherwise it would hold because nothing moves.
    expect(promotions).toBeGreaterThan(100);
  }, 60_000);
});
