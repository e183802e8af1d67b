/** What would change a decision, in words: for each need that is not met, or each reason to hold. `explain` shows it. */
import type { Decision, Reason } from '../domain/decision.ts';
import type { Need } from '../domain/phases.ts';

type Advice = (jobId: string) => string;

const FOR_NEEDS: Record<Need, Advice> = {
  capacity: () => 'room in the phase: policies/fleet.yaml sets it',
  'old-landed-recently': () => 'old lands a partition',
  'criteria-pass': () => 'pairs that pass: a corrected landing for a mismatch, more landings for what is missing',
  'both-fresh': () => 'the system that is named lands again',
  soak: (id) => `time; or a person: crossfade promote ${id} --force`,
  cooldown: (id) => `time; or a person: crossfade promote ${id} --force`,
  'not-flapping': (id) => `find why it comes back, then: crossfade promote ${id} --force`,
  'old-owes-nothing': (id) => `old publishes what it owes: crossfade owed --system old --job ${id}`,
  'no-open-quarantine': (id) => `the partitions are published again: crossfade owed --system old --job ${id}`,
  approved: (id) => `a person who may: crossfade approve ${id}`,
  prepared: (id) => `the hook answers pass, asked by sweeps; or a person: crossfade promote ${id} --force`,
  'tombstone-over': () => 'time',
  'baseline-holds': () => 'new lands as quickly and as cheaply as old did before it was stopped',
  'removal-confirmed': (id) => `crossfade complete ${id} --confirm ${id}`,
};

const FOR_REASONS: Partial<Record<Reason, Advice>> = {
  held: (id) => `crossfade release ${id}`,
  paused: () => 'crossfade resume; a breaker closes by itself, or by hand: crossfade resume --breaker',
  'automation-observe': () => "the job's policy: automation `recommend` or `enforce`",
  'automation-recommend': (id) => `a person confirms: crossfade promote ${id}`,
  'old-not-alive': () => 'old lands again; only then can production go back to it',
  'awaiting-operator': (id) => `the old job is removed, and a person says so: crossfade complete ${id} --confirm ${id}`,
};

/** One line each, none where nothing can be done or nothing has to be. */
export function adviseOn(jobId: string, { kind, reason, unmet }: Decision): string[] {
  if (kind !== 'hold') return [];
  if (unmet.length > 0) return [...new Set(unmet.map(({ need }) => FOR_NEEDS[need](jobId)))];
  const advice = FOR_REASONS[reason]?.(jobId);
  return advice === undefined ? [] : [advice];
}
