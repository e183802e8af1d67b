/**
 * Histories of a job's claims, made by the real protocol: each action is planned by `planAssign`, `planLand`,
 * `planPublished` or `planTakeOver`, and what they refuse does not happen. So every image is one that a store would have
 * seen, in the order of its claim's revisions.
 */
import fc from 'fast-check';
import { type Claim, openClaim, planAssign, planTakeOver } from '../../lib/domain/claim.ts';
import { knownDifferenceSchema } from '../../lib/domain/difference.ts';
import type { Job } from '../../lib/domain/job.ts';
import type { LandingReport } from '../../lib/domain/landing.ts';
import { findTransition, PHASES, type Phase, type System } from '../../lib/domain/phases.ts';
import { planDifference, planExcuse } from '../../lib/domain/plan-difference.ts';
import { planLand, planPublished } from '../../lib/domain/plan-landing.ts';
import { addSeconds, type Instant } from '../../lib/domain/time.ts';
import type { Token } from '../../lib/domain/token.ts';
import { aJob, NOW } from '../builders/records.ts';

/** More than the evidence remembers, some with names that it shortens. */
export const PARTITIONS = 44;

export type Action =
  /** Asks for the partition and, unless the run dies there, lands it: the same content, or another. */
  | { do: 'run'; partition: number; system: System; content: Content; lands: boolean }
  | { do: 'publish'; partition: number }
  /** A sweep excuses its mismatch, or a comparison of the rows finds out what it is about, which ends such an excuse. */
  | { do: 'excuse' | 'compare'; partition: number }
  /** A step of the lifecycle, followed by the pass over the open claims. */
  | { do: 'move'; to: Phase }
  | { do: 'wait'; seconds: number };

/** Mismatches by their counts, as long as nobody has compared the rows. */
const EXPECTED = ['more-rows', 'fewer-rows'].map((signature) =>
  knownDifferenceSchema.parse({ name: signature, reason: 'r', owner: 'ann', expires: '2099-12-31', signature }),
);

type Content = 'same' | 'other' | 'incomparable';

/** Runs of any system on any partition; one in four is about the few that many are about. */
const runsLanding = (contents: readonly Content[]) =>
  fc.record({
    do: fc.constant('run' as const),
    partition: fc.oneof({ weight: 3, arbitrary: fc.nat(PARTITIONS - 1) }, { weight: 1, arbitrary: fc.nat(5) }),
    system: fc.constantFrom<System>('old', 'new'),
    content: fc.constantFrom(...contents),
    lands: fc.constantFrom(true, true, true, false),
  });

const publish = fc.record({ do: fc.constant('publish' as const), partition: fc.nat(PARTITIONS - 1) });
const explain = fc.record({
  do: fc.constantFrom('excuse' as const, 'excuse' as const, 'compare' as const),
  partition: fc.nat(PARTITIONS - 1),
});
const move = fc.record({ do: fc.constant('move' as const), to: fc.constantFrom(...PHASES) });
const wait = fc.record({
  do: fc.constant('wait' as const),
  seconds: fc.constantFrom(0, 0.001, 1, 600, 90_000),
});

/** A life full of mishaps: what the fold has to bear. */
export const action: fc.Arbitrary<Action> = fc.oneof(
  { weight: 12, arbitrary: runsLanding(['same', 'same', 'same', 'other', 'incomparable']) },
  { weight: 3, arbitrary: publish },
  { weight: 2, arbitrary: explain },
  { weight: 1, arbitrary: move },
  { weight: 3, arbitrary: wait },
);

/** A life in which a verdict can turn green. */
export const calmAction: fc.Arbitrary<Action> = fc.oneof(
  { weight: 40, arbitrary: runsLanding([...Array<Content>(60).fill('same'), 'other', 'incomparable']) },
  { weight: 4, arbitrary: publish },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('wait' as const), seconds: fc.constantFrom(1, 600, 3_600) }) },
);

/** The job, the truth, and each image that the truth ever was, as the histories make them. */
export class History {
  job: Job = aJob({ phase: 'shadow', epoch: 1, version: 1 });
  now: Instant = NOW;
  readonly truth = new Map<string, Claim>();
  readonly images: Claim[] = [];
  private attempts = 0;

  do(action: Action): void {
    if (action.do === 'wait') this.now = addSeconds(this.now, action.seconds);
    else if (action.do === 'move') this.move(action.to);
    else if (action.do === 'publish') this.publish(nameOf(action.partition));
    else if (action.do !== 'run') this.explain(action.do, nameOf(action.partition));
    else this.run(action);
  }

  private run({ partition, system, content, lands }: Extract<Action, { do: 'run' }>): void {
    const name = nameOf(partition);
    const known = this.truth.get(name) ?? this.keep(openClaim(this.job, name, system, undefined, this.now));
    const taken = planTakeOver(known, this.job, this.now) ?? known;
    const { next, assignment } = planAssign(taken, this.job, system, undefined, this.now);
    if (next !== known) this.keep(next);
    if (lands && assignment.token) this.land(next, system, assignment.token, content);
  }

  private land(claim: Claim, system: System, token: Token, content: Content): void {
    this.attempts += 1;
    const report: LandingReport = {
      attempt: this.attempts,
      rowCount: content === 'other' ? 1_000 + this.attempts : 1_000,
      checksum: content === 'other' ? `other-${this.attempts}` : 'same',
      checksumAlgorithm: content === 'incomparable' ? `sum-${this.attempts}` : 'sum',
      landedAt: this.now,
      computeSeconds: this.attempts / 3,
      kind: this.attempts % 7 === 0 ? 'backfill' : 'scheduled',
      final: this.attempts % 3 === 0,
      ...(system === 'new' && { release: `r${this.job.epoch % 3}` }),
    };
    const outcome = planLand(claim, system, token, report, this.job.phase, this.now);
    if (outcome.kind === 'accepted') this.keep(outcome.next);
  }

  private publish(name: string): void {
    const claim = this.truth.get(name);
    if (!claim?.production) return;
    const { system, token, checksum } = claim.production;
    const outcome = planPublished(claim, system, token, checksum, this.now);
    if (outcome.kind === 'accepted') this.keep(outcome.next);
  }

  private explain(how: 'excuse' | 'compare', name: string): void {
    const claim = this.truth.get(name);
    if (!claim) return;
    if (how === 'excuse') {
      const excused = planExcuse(claim, EXPECTED, this.now);
      if (excused) this.keep(excused);
      return;
    }
    const outcome = planDifference(claim, { signature: 'late_rows', sample: [] }, this.now);
    if (outcome.kind === 'accepted') this.keep(outcome.next);
  }

  private move(to: Phase): void {
    if (!findTransition(this.job.phase, to)) return;
    const { epoch, version } = this.job;
    this.job = { ...this.job, phase: to, epoch: epoch + 1, version: version + 1, phaseSince: this.now };
    for (const claim of this.truth.values()) {
      const next = planTakeOver(claim, this.job, this.now);
      if (next) this.keep(next);
    }
  }

  private keep(claim: Claim): Claim {
    this.truth.set(claim.partition, claim);
    this.images.push(claim);
    return claim;
  }
}

function nameOf(index: number): string {
  const short = `2026-11-22T${String(index).padStart(2, '0')}`;
  return index % 5 === 0 ? `${short}-of-a-region-with-a-long-name` : short;
}
