/** Every need of every transition, unmet alone: the promotion waits for that reason, and the message has both numbers. */
import { describe, expect, it } from 'vitest';
import { type Evaluation, evaluate } from '../../lib/domain/evaluate.ts';
import { type Need, type Phase, promotionFrom, TRANSITIONS } from '../../lib/domain/phases.ts';
import { toMs } from '../../lib/domain/time.ts';
import { aClaim, aLanding, aStanding } from '../builders/records.ts';
import { ago, aReadyCase, DAY, EPOCH, HOUR, lonePairs, sealedPairs } from './cases.ts';

type Given = NonNullable<Parameters<typeof aReadyCase>[1]>;

interface Unmet {
  from: Phase;
  need: Need;
  because: string;
  given: Given;
  /** What was seen, and what is wanted. */
  numbers: [string, string];
}

const at = (secondsAgo: number) => toMs(ago(secondsAgo));
const staleOld = { recent: sealedPairs(24, { oldLandedAt: at(3 * DAY) }) };
const staleNew = { recent: sealedPairs(24, { newLandedAt: at(3 * DAY) }) };
const owedByOld = aClaim({ partition: 'p1', production: aLanding(), rightOutstanding: false });
const quarantine = { openedAt: ago(HOUR), old: { rowCount: 1, checksum: 'a' }, new: { rowCount: 2, checksum: 'b' } };
const quarantined = aClaim({ partition: 'p1', writer: 'new', production: aLanding({ system: 'new' }), quarantine });
const demotedFourTimes = { demotedAt: [50, 40, 30, 20].map((days) => ago(days * DAY)) };

const UNMET: Unmet[] = [
  ...(['pending', 'shadow', 'reverse-shadow'] as const).flatMap((from): Unmet[] => [
    {
      from,
      need: 'cooldown',
      because: 'the job was demoted lately',
      given: { job: { cooldownUntil: ago(-2 * HOUR) } },
      numbers: ['2026-11-22T15:00:00.000Z', ''],
    },
    {
      from,
      need: 'not-flapping',
      because: 'the job was demoted too often',
      given: { job: demotedFourTimes },
      numbers: ['demoted 4 times within 60 d', '4 is flapping'],
    },
  ]),
  {
    from: 'pending',
    need: 'old-landed-recently',
    because: 'old has never landed',
    given: { evidence: { recent: [] } },
    numbers: ['old has not landed yet', '2 d wanted'],
  },
  {
    from: 'pending',
    need: 'old-landed-recently',
    because: 'old landed last three days ago',
    given: { evidence: staleOld },
    numbers: ['3 d ago', '2 d allowed'],
  },
  ...(['shadow', 'reverse-shadow'] as const).flatMap((from): Unmet[] => [
    {
      from,
      need: 'criteria-pass',
      because: 'a pair is lacking',
      given: { evidence: { recent: sealedPairs(23) } },
      numbers: ['23 of 24', '24'],
    },
    {
      from,
      need: 'both-fresh',
      because: 'old landed last three days ago',
      given: { evidence: staleOld },
      numbers: ['old landed last at 2026-11-19T13:00:00.000Z, 3 d ago', '2 d allowed'],
    },
    {
      from,
      need: 'both-fresh',
      because: 'new landed last three days ago',
      given: { evidence: staleNew },
      numbers: ['new landed last at 2026-11-19T13:00:00.000Z, 3 d ago', '2 d allowed'],
    },
    {
      from,
      need: 'no-open-quarantine',
      because: 'a partition is quarantined',
      given: { openClaims: [quarantined] },
      numbers: ['1 partitions are in quarantine, e.g. p1', '0 allowed'],
    },
    {
      from,
      need: 'no-open-quarantine',
      because: 'the evidence says that a partition is quarantined',
      given: { evidence: { standing: [withoutMismatch({ quarantined: true })] } },
      numbers: ['1 partitions are in quarantine', '0 allowed'],
    },
  ]),
  {
    from: 'shadow',
    need: 'soak',
    because: 'the job has been in shadow for a day',
    given: { job: { phaseSince: ago(DAY) } },
    numbers: ['1 d of the soak', '3 d have passed in shadow'],
  },
  {
    from: 'reverse-shadow',
    need: 'soak',
    because: 'the job has been in reverse shadow for six days',
    given: { job: { phaseSince: ago(6 * DAY) } },
    numbers: ['6 d of the soak', '7 d have passed in reverse-shadow'],
  },
  ...(['reverse-shadow', 'cleanup'] as const).flatMap((from): Unmet[] => [
    {
      from,
      need: 'old-owes-nothing',
      because: 'old has landed a partition and not published it',
      given: { openClaims: [owedByOld] },
      numbers: ['old owes 1 partitions, e.g. p1', '0 allowed'],
    },
    {
      from,
      need: 'old-owes-nothing',
      because: 'the evidence says that old owes a partition',
      given: {
        evidence: { standing: [withoutMismatch({ owed: { by: 'old', reason: 'not-published', since: at(HOUR) } })] },
      },
      numbers: ['old owes 1 partitions', '0 allowed'],
    },
  ]),
  ...(
    [
      ['shadow', 'reverse-shadow'],
      ['reverse-shadow', 'cleanup'],
      ['cleanup', 'complete'],
    ] as const
  ).map(
    ([from, to]): Unmet => ({
      from,
      need: 'approved',
      because: 'one person has signed it off, in an earlier epoch',
      given: {
        job: { approvals: [{ to, actor: 'ann', verified: true, epoch: EPOCH - 1, at: ago(HOUR) }] },
        policy: {
          approvals: { [to]: { quorum: 2, from: [], expiresSeconds: DAY, allowClaimed: false, byOthers: true } },
        },
      },
      numbers: ['0 of 2 approvals', `for ${to}`],
    }),
  ),
  {
    from: 'cleanup',
    need: 'tombstone-over',
    because: 'old was stopped 13 days ago',
    given: { job: { phaseSince: ago(13 * DAY) } },
    numbers: ['13 d of the tombstone window', '14 d have passed in cleanup'],
  },
  {
    from: 'cleanup',
    need: 'baseline-holds',
    because: 'only two partitions were measured',
    given: { evidence: { recent: lonePairs(2) } },
    numbers: ['2 of 3 measured pairs', '3'],
  },
  {
    from: 'cleanup',
    need: 'no-open-quarantine',
    because: 'a partition is quarantined',
    given: { openClaims: [quarantined] },
    numbers: ['1 partitions are in quarantine', '0 allowed'],
  },
];

function withoutMismatch(given: Parameters<typeof aStanding>[0]) {
  const { mismatch: _, ...rest } = aStanding({ epoch: EPOCH, ...given });
  return rest;
}

describe.each(['pending', 'shadow', 'reverse-shadow'] as const)('a job in %s that lacks nothing', (phase) => {
  it('is promoted', () => {
    const { kind, to, unmet } = evaluate(aReadyCase(phase));
    expect({ kind, to, unmet }).toEqual({ kind: 'promote', to: promotionFrom(phase)?.to, unmet: [] });
  });
});

it('a job in cleanup that lacks nothing waits for an operator, who confirms the removal', () => {
  expect(evaluate(aReadyCase('cleanup'))).toMatchObject({ kind: 'hold', to: 'complete', reason: 'awaiting-operator' });
});

describe('each need, unmet alone', () => {
  it.each(UNMET)('$from: $need refuses when $because', ({ from, need, given, numbers }) => {
    const decision = evaluate(aReadyCase(from, given));
    expect(decision).toMatchObject({ kind: 'hold', from, reason: 'need-not-met' });
    expect(decision.unmet.map((one) => one.need)).toEqual([need]);
    for (const number of numbers) expect(decision.message).toContain(number);
    expect(decision.message).toBe(decision.unmet[0]?.message);
  });

  it('a cooldown says how long it still takes, not only when it ends', () => {
    const { message } = evaluate(aReadyCase('shadow', { job: { cooldownUntil: ago(-2 * HOUR) } }));
    expect(message).toContain('2 h');
  });

  it('several at once are all named', () => {
    const facts = aReadyCase('shadow', { job: { ...demotedFourTimes, phaseSince: ago(DAY) } });
    expect(evaluate(facts).unmet.map((one) => one.need)).toEqual(['soak', 'not-flapping']);
  });

  /** Not here: the sweep's ledger grants capacity, and what hooks say is in hook-decisions.test.ts. */
  it('covers every need of every promotion', () => {
    const covered = new Set(UNMET.map(({ from, need }) => `${from} ${need}`));
    const elsewhere = ['capacity', 'prepared', 'removal-confirmed'];
    const wanted = TRANSITIONS.flatMap(({ from, needs }) =>
      needs.filter((need) => !elsewhere.includes(need)).map((need) => `${from} ${need}`),
    );
    expect([...covered].sort()).toEqual(wanted.sort());
  });
});

describe('the edges of the needs', () => {
  const decide = (phase: Phase, given: Given): Evaluation['job']['phase'] | undefined => {
    const decision = evaluate(aReadyCase(phase, given));
    return decision.kind === 'promote' ? decision.to : undefined;
  };

  it('a soak is over at its very second', () => {
    expect(decide('shadow', { job: { phaseSince: ago(3 * DAY) } })).toBe('reverse-shadow');
    expect(decide('shadow', { job: { phaseSince: ago(3 * DAY - 0.001) } })).toBeUndefined();
  });

  it('a cooldown is over at its very millisecond', () => {
    expect(decide('shadow', { job: { cooldownUntil: ago(0) } })).toBe('reverse-shadow');
    expect(decide('shadow', { job: { cooldownUntil: ago(-0.001) } })).toBeUndefined();
  });

  it('demotions that are older than the window of flapping are forgotten', () => {
    const demotedAt = [61, 40, 30, 20].map((days) => ago(days * DAY));
    expect(decide('shadow', { job: { demotedAt } })).toBe('reverse-shadow');
  });

  it('a landing is fresh up to the last second', () => {
    const recent = (seconds: number) => sealedPairs(24, { oldLandedAt: at(seconds) });
    expect(decide('pending', { evidence: { recent: recent(2 * DAY) } })).toBe('shadow');
    expect(decide('pending', { evidence: { recent: recent(2 * DAY + 1) } })).toBeUndefined();
  });

  it('what new owes does not keep old from being stopped; what old owes does', () => {
    const owedByNew = { ...owedByOld, writer: 'new' as const, production: aLanding({ system: 'new' }) };
    expect(decide('reverse-shadow', { openClaims: [owedByNew] })).toBe('cleanup');
  });

  it('the claims that were read win over the evidence, which may be older', () => {
    const standing = [withoutMismatch({ quarantined: true })];
    expect(decide('shadow', { evidence: { standing }, openClaims: [] })).toBe('reverse-shadow');
  });
});
