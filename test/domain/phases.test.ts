import { describe, expect, it } from 'vitest';
import {
  demotionFrom,
  findTransition,
  NEEDS,
  otherSystem,
  PHASES,
  type Phase,
  productionWriter,
  promotionFrom,
  SYSTEMS,
  shadowWriter,
  TRANSITIONS,
  writerMayStand,
} from '../../lib/domain/phases.ts';
import { planTransition } from '../../lib/domain/transition.ts';
import { aJob, anEvidence, aPolicy, NOW } from '../builders/records.ts';

/** Section 2 of the design, written down a second time. */
const ALLOWED: Record<string, { kind: string; by: string; needs: string[] }> = {
  'pending -> shadow': {
    kind: 'promotion',
    by: 'policy',
    needs: ['old-landed-recently', 'cooldown', 'not-flapping', 'prepared', 'capacity'],
  },
  'shadow -> reverse-shadow': {
    kind: 'promotion',
    by: 'policy',
    needs: [
      'criteria-pass',
      'both-fresh',
      'soak',
      'cooldown',
      'not-flapping',
      'no-open-quarantine',
      'approved',
      'prepared',
      'capacity',
    ],
  },
  'reverse-shadow -> cleanup': {
    kind: 'promotion',
    by: 'policy',
    needs: [
      'criteria-pass',
      'both-fresh',
      'soak',
      'cooldown',
      'not-flapping',
      'old-owes-nothing',
      'no-open-quarantine',
      'approved',
      'prepared',
      'capacity',
    ],
  },
  'cleanup -> complete': {
    kind: 'promotion',
    by: 'operator',
    needs: [
      'tombstone-over',
      'baseline-holds',
      'old-owes-nothing',
      'no-open-quarantine',
      'approved',
      'removal-confirmed',
    ],
  },
  'reverse-shadow -> shadow': { kind: 'demotion', by: 'policy', needs: [] },
  'cleanup -> reverse-shadow': { kind: 'demotion', by: 'policy', needs: [] },
  'shadow -> pending': { kind: 'demotion', by: 'operator', needs: [] },
};

const PAIRS = PHASES.flatMap((from) => PHASES.map((to) => [from, to] as const));

function plan(from: Phase, to: Phase) {
  const grounds = {
    to,
    reason: 'by-operator' as const,
    message: 'because',
    actor: { kind: 'operator' as const, name: 'ann', verified: false },
    policy: aPolicy(),
    evidence: anEvidence(),
  };
  return planTransition(aJob({ phase: from, epoch: 4, version: 9 }), grounds, NOW);
}

describe('the table of transitions', () => {
  it('has exactly the seven steps of the design', () => {
    expect(TRANSITIONS.map(({ from, to }) => `${from} -> ${to}`).sort()).toEqual(Object.keys(ALLOWED).sort());
  });

  it.each(Object.entries(ALLOWED))('%s has the kind, the hand and the needs of the design', (step, expected) => {
    const [from, to] = step.split(' -> ') as [Phase, Phase];
    const { kind, by, needs } = findTransition(from, to)!;
    expect({ kind, by, needs: [...needs].sort() }).toEqual({ ...expected, needs: [...expected.needs].sort() });
  });

  it.each(PAIRS)('%s -> %s is planned as one version and one epoch on, or refused', (from, to) => {
    const rule = ALLOWED[`${from} -> ${to}`];
    if (!rule) {
      expect(() => plan(from, to)).toThrow(`no transition leads from ${from} to ${to}`);
      return;
    }
    const next = plan(from, to);
    expect(next).toMatchObject({ phase: to, version: 10, epoch: 5, phaseSince: NOW });
    expect(next.lastTransition).toMatchObject({ type: rule.kind, from, to, version: 10, epoch: 5, settled: false });
  });

  it('nothing leaves complete', () => {
    expect(promotionFrom('complete')).toBeUndefined();
    expect(demotionFrom('complete')).toBeUndefined();
  });

  it.each(PHASES)('at most one promotion and one demotion lead out of %s', (phase) => {
    for (const kind of ['promotion', 'demotion'])
      expect(TRANSITIONS.filter((rule) => rule.from === phase && rule.kind === kind).length).toBeLessThanOrEqual(1);
  });

  it('every demotion goes back to the phase before, and every promotion to the next', () => {
    for (const { from, to, kind } of TRANSITIONS)
      expect(PHASES.indexOf(to) - PHASES.indexOf(from)).toBe(kind === 'promotion' ? 1 : -1);
  });

  it('no need is named that nothing asks for', () => {
    const asked = new Set(TRANSITIONS.flatMap((rule) => rule.needs));
    expect([...asked].sort()).toEqual(Object.keys(NEEDS).sort());
  });
});

describe('who writes in a phase', () => {
  it.each([
    ['pending', 'old', undefined, ['old']],
    ['shadow', 'old', 'new', ['old']],
    ['reverse-shadow', 'new', 'old', ['old', 'new']],
    ['cleanup', 'new', undefined, ['new']],
    ['complete', 'new', undefined, ['new']],
  ] as const)('%s: production by %s, shadow by %s, standing writers %s', (phase, production, shadow, standing) => {
    expect(productionWriter(phase)).toBe(production);
    expect(shadowWriter(phase)).toBe(shadow);
    expect(SYSTEMS.filter((system) => writerMayStand(phase, system))).toEqual(standing);
  });

  it.each(PHASES)('production and shadow are never one system, and the writer may stand (%s)', (phase) => {
    expect(shadowWriter(phase)).not.toBe(productionWriter(phase));
    expect(writerMayStand(phase, productionWriter(phase))).toBe(true);
    expect(otherSystem(productionWriter(phase))).not.toBe(productionWriter(phase));
  });
});
