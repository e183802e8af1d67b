import { describe, expect, it } from 'vitest';
import { ATTENTION_KINDS, assessAttention } from '../../lib/domain/attention.ts';
import { type Evaluation, evaluate } from '../../lib/domain/evaluate.ts';
import type { Standing } from '../../lib/domain/evidence/standing.ts';
import type { Attention } from '../../lib/domain/job.ts';
import type { Phase } from '../../lib/domain/phases.ts';
import { toMs } from '../../lib/domain/time.ts';
import { aStanding, aTransition, NOW } from '../builders/records.ts';
import { ago, aReadyCase, DAY, EPOCH, HOUR, lonePairs, sealedPairs } from './cases.ts';

type Given = NonNullable<Parameters<typeof aReadyCase>[1]>;

const attentionOf = (facts: Evaluation) => assessAttention(facts, evaluate(facts));
const of = (phase: Phase, given: Given = {}) => attentionOf(aReadyCase(phase, given));

function inFlight(given: Partial<Standing>): Standing {
  const { mismatch: _, ...rest } = aStanding({ epoch: EPOCH, changedAt: toMs(ago(HOUR)) });
  return { ...rest, ...given };
}

const owedFor = (seconds: number, by: 'old' | 'new' = 'new') =>
  inFlight({ owed: { by, reason: 'not-published', since: toMs(ago(seconds)) } });
const split = inFlight({ splitWriter: true });
const mismatch = aStanding({ epoch: EPOCH, changedAt: toMs(ago(HOUR)) });
const demoted = aTransition({
  type: 'demotion',
  epoch: EPOCH,
  from: 'reverse-shadow',
  to: 'shadow',
  reason: 'data-quality-failed',
});
const flapping = { demotedAt: [1, 2, 3, 4].map((days) => ago(days * DAY)) };
const heldForAll = { scope: 'all', actor: 'ann', reason: 'r', at: NOW } as const;

describe('nobody has to look at', () => {
  it.each(['pending', 'shadow', 'reverse-shadow', 'cleanup', 'complete'] as const)('a healthy job in %s', (phase) => {
    expect(of(phase)).toBeUndefined();
  });

  it('a partition that is owed, but not for long', () => {
    expect(of('shadow', { evidence: { standing: [owedFor(6 * HOUR)] } })).toBeUndefined();
  });

  it('a job that an operator demoted', () => {
    const actor = { kind: 'operator', name: 'ann', verified: false } as const;
    expect(of('shadow', { job: { lastTransition: { ...demoted, actor } } })).toBeUndefined();
  });

  it('a mismatch in shadow, which is what shadow is for', () => {
    expect(of('shadow', { evidence: { recent: sealedPairs(24), standing: [mismatch] } })).toBeUndefined();
  });
});

describe('a person should look at', () => {
  it.each<[string, Phase, Given, Pick<Attention, 'kind' | 'cause'>]>([
    [
      'two systems that both wrote production',
      'shadow',
      { evidence: { standing: [split] } },
      { kind: 'split-writer', cause: 'both systems wrote production' },
    ],
    [
      'a job that was demoted automatically',
      'shadow',
      { job: { lastTransition: demoted } },
      { kind: 'regressing', cause: 'data-quality-failed' },
    ],
    [
      'a regression that a hold keeps from being demoted',
      'reverse-shadow',
      { job: { hold: heldForAll }, evidence: { standing: [mismatch] } },
      { kind: 'regressing', cause: 'held' },
    ],
    [
      'a latency regression beside a dead old side',
      'reverse-shadow',
      { evidence: { recent: sealedPairs(24, { newLagSeconds: 90_000, oldLandedAt: toMs(ago(3 * DAY)) }) } },
      { kind: 'regressing', cause: 'old-not-alive' },
    ],
    [
      'a regression that a policy only observes, in cleanup',
      'cleanup',
      { policy: { automation: 'observe' }, evidence: { recent: lonePairs(9, { newLagSeconds: 90_000 }) } },
      { kind: 'regressing', cause: 'automation-observe' },
    ],
    [
      'a partition that is owed for too long',
      'shadow',
      { evidence: { standing: [owedFor(6 * HOUR + 1)] } },
      { kind: 'owed', cause: 'new owes not-published' },
    ],
    ['a job that was demoted too often', 'shadow', { job: flapping }, { kind: 'flapping', cause: 'demoted too often' }],
    [
      'a job that waits for a need too long',
      'shadow',
      {
        job: { phaseSince: ago(15 * DAY) },
        evidence: { recent: sealedPairs(24, { oldLandedAt: toMs(ago(3 * DAY)) }) },
      },
      { kind: 'stuck', cause: 'both-fresh' },
    ],
    [
      'a job that waits for a criterion too long: which, and how it stands',
      'shadow',
      { job: { phaseSince: ago(15 * DAY) }, evidence: { recent: sealedPairs(2) } },
      { kind: 'stuck', cause: 'dataQuality missing' },
    ],
    [
      'a job that is held too long',
      'shadow',
      { job: { phaseSince: ago(15 * DAY), hold: { ...heldForAll, scope: 'promotions' } } },
      { kind: 'stuck', cause: 'held' },
    ],
    [
      'a job that is ready and has no room for too long',
      'pending',
      { job: { phaseSince: ago(15 * DAY) } },
      { kind: 'stuck', cause: 'capacity' },
    ],
    [
      'a job whose removal nobody confirms',
      'cleanup',
      { job: { phaseSince: ago(31 * DAY) } },
      { kind: 'stuck', cause: 'awaiting-operator' },
    ],
  ])('%s', (_, phase, given, expected) => {
    expect(of(phase, given)).toEqual({ ...expected, since: NOW });
  });

  it.each([
    ['pending', 14],
    ['shadow', 14],
    ['reverse-shadow', 21],
    ['cleanup', 30],
  ] as const)('%s for more than %d days, and not a second earlier', (phase, days) => {
    const hold = { ...heldForAll, scope: 'promotions' as const };
    const recent = { recent: phase === 'cleanup' ? lonePairs(24) : sealedPairs(24) };
    const afterSeconds = (seconds: number) => of(phase, { job: { hold, phaseSince: ago(seconds) }, evidence: recent });
    expect(afterSeconds(days * DAY)).toBeUndefined();
    expect(afterSeconds(days * DAY + 1)?.kind).toBe('stuck');
  });
});

describe('of several reasons', () => {
  /** Each makes its own kind true and leaves the others alone; `hook-failed` comes with the hooks. */
  const REASONS: [Attention['kind'], Given][] = [
    ['split-writer', { evidence: { standing: [split] } }],
    ['regressing', { job: { lastTransition: demoted } }],
    ['owed', { evidence: { standing: [owedFor(DAY)] } }],
    ['flapping', { job: flapping }],
    ['stuck', { job: { phaseSince: ago(15 * DAY) }, evidence: { recent: [] } }],
  ];

  it.each(REASONS.flatMap((a, i) => REASONS.slice(i + 1).map((b) => [a, b] as const)))(
    'the more urgent one of %j is kept',
    ([kind, a], [, b]) => {
      const standing = [...(a.evidence?.standing ?? []), ...(b.evidence?.standing ?? [])];
      const both = { job: { ...a.job, ...b.job }, evidence: { ...a.evidence, ...b.evidence, standing } };
      expect(of('shadow', both)?.kind).toBe(kind);
    },
  );

  it('their order is the order of urgency', () => {
    const kinds: readonly string[] = ATTENTION_KINDS;
    expect(REASONS.map(([kind]) => kind)).toEqual(kinds.filter((kind) => kind !== 'hook-failed'));
  });
});

describe('since when', () => {
  const attention = (kind: Attention['kind'], cause: string): Attention => ({ kind, cause, since: ago(9 * HOUR) });
  const since = (known: Attention) => of('shadow', { job: { lastTransition: demoted, attention: known } })?.since;

  it('is kept while kind and cause are the same, so that nothing is written', () => {
    expect(since(attention('regressing', 'data-quality-failed'))).toBe(ago(9 * HOUR));
  });

  it('starts again when the cause or the kind is another', () => {
    expect(since(attention('regressing', 'landing-latency-failed'))).toBe(NOW);
    expect(since(attention('stuck', 'data-quality-failed'))).toBe(NOW);
  });
});
