/**
 * The lifecycle: phases, who writes what in each, and the one table of transitions.
 * Everything that moves a job (sweeps, overrides, the README's diagram) reads `TRANSITIONS`; nothing else knows
 * which phase follows which.
 */

export const SYSTEMS = ['old', 'new'] as const;
export type System = (typeof SYSTEMS)[number];

export const PHASES = ['pending', 'shadow', 'reverse-shadow', 'cleanup', 'complete'] as const;
export type Phase = (typeof PHASES)[number];

export function otherSystem(system: System): System {
  return system === 'old' ? 'new' : 'old';
}

interface PhaseRoles {
  /** The system that writes production for a partition claimed in this phase. */
  production: System;
  /** The system whose output is only compared; `undefined` where the other system does not run. */
  shadow?: System;
  /**
   * Writers whose claims stand in this phase. In reverse shadow either stays: a partition that old claimed before the
   * swap is finished by old, because both systems are alive and a swap must not disturb what is in flight.
   */
  standing: readonly System[];
}

const ROLES: Record<Phase, PhaseRoles> = {
  pending: { production: 'old', standing: ['old'] },
  shadow: { production: 'old', shadow: 'new', standing: ['old'] },
  'reverse-shadow': { production: 'new', shadow: 'old', standing: ['old', 'new'] },
  cleanup: { production: 'new', standing: ['new'] },
  complete: { production: 'new', standing: ['new'] },
};

export function productionWriter(phase: Phase): System {
  return ROLES[phase].production;
}

export function shadowWriter(phase: Phase): System | undefined {
  return ROLES[phase].shadow;
}

export function writerMayStand(phase: Phase, writer: System): boolean {
  return ROLES[phase].standing.includes(writer);
}

/** What a transition needs. Every need has a message when it is not met; none is implied. */
export const NEEDS = {
  capacity: 'the target phase has room',
  'old-landed-recently': 'the old system has landed within the freshness limit',
  'criteria-pass': 'every criterion passes',
  'both-fresh': 'both systems have landed within the freshness limit',
  soak: 'the job has been in its phase for the soak time',
  cooldown: 'the cooldown after the last demotion is over',
  'not-flapping': 'the job was not demoted too often',
  'old-owes-nothing': 'the old system has published every partition it claimed',
  'no-open-quarantine': 'no quarantined partition is open',
  approved: 'the people whom the policy names have signed it off',
  prepared: "the team's gate and hooks, where it has any, have passed",
  'tombstone-over': 'the tombstone window is over',
  'baseline-holds': 'latency and resources hold against the frozen baseline',
  'removal-confirmed': "the old job's removal is confirmed",
} as const;
export type Need = keyof typeof NEEDS;

export interface TransitionRule {
  from: Phase;
  to: Phase;
  kind: 'promotion' | 'demotion';
  /** `policy`: sweeps commit it on evidence. `operator`: only by hand, or by a hook whose word the policy takes. An operator may do both. */
  by: 'policy' | 'operator';
  /** Promotions: all of these. Demotions carry the trigger in `when`. */
  needs: readonly Need[];
  when?: string;
}

export const TRANSITIONS: readonly TransitionRule[] = [
  {
    from: 'pending',
    to: 'shadow',
    kind: 'promotion',
    by: 'policy',
    needs: ['old-landed-recently', 'cooldown', 'not-flapping', 'prepared', 'capacity'],
  },
  {
    from: 'shadow',
    to: 'reverse-shadow',
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
  {
    from: 'reverse-shadow',
    to: 'cleanup',
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
  {
    from: 'cleanup',
    to: 'complete',
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
  {
    from: 'reverse-shadow',
    to: 'shadow',
    kind: 'demotion',
    by: 'policy',
    needs: [],
    when: 'any criterion fails',
  },
  {
    from: 'cleanup',
    to: 'reverse-shadow',
    kind: 'demotion',
    by: 'policy',
    needs: [],
    when: 'latency or resources fail against the frozen baseline',
  },
  { from: 'shadow', to: 'pending', kind: 'demotion', by: 'operator', needs: [], when: 'capacity is wanted elsewhere' },
];

export function findTransition(from: Phase, to: Phase): TransitionRule | undefined {
  return TRANSITIONS.find((rule) => rule.from === from && rule.to === to);
}

/** The one promotion out of a phase; `undefined` for `complete`, which nothing leaves. */
export function promotionFrom(phase: Phase): TransitionRule | undefined {
  return TRANSITIONS.find((rule) => rule.from === phase && rule.kind === 'promotion');
}

/** The one demotion out of a phase; `undefined` for `pending` and `complete`. */
export function demotionFrom(phase: Phase): TransitionRule | undefined {
  return TRANSITIONS.find((rule) => rule.from === phase && rule.kind === 'demotion');
}

/** The demotions from one phase to another, each one step; `undefined` where none lead there. */
export function demotionsTo(from: Phase, to: Phase): Phase[] | undefined {
  const steps: Phase[] = [];
  for (let rule = demotionFrom(from); rule; rule = demotionFrom(rule.to)) {
    steps.push(rule.to);
    if (rule.to === to) return steps;
  }
  return undefined;
}
