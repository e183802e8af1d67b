/**
 * One job as the fleet view shows it: a cell of one state, with what people filter by. Pure; the local dashboard's read
 * model keeps a row of every job, the encoding and the pages read it.
 */
import type { AttentionKind } from '../domain/attention.ts';
import type { Attention } from '../domain/job.ts';
import type { Phase } from '../domain/phases.ts';
import type { Instant } from '../domain/time.ts';
import type { Coverage } from './coverage.ts';

export interface FleetRow {
  jobId: string;
  team: string;
  wave: number;
  policy: string;
  phase: Phase;
  phaseSince: Instant;
  epoch: number;
  attention: Attention | undefined;
  held: boolean;
  /** Automation would move it, and its policy wants a person to confirm. */
  proposed: boolean;
  coverage: Coverage;
}

/**
 * What a cell says, worst first: a cell shows the first that holds. The position is what the browser is sent and the order
 * in which cells lie, so that what needs a person is seen first.
 */
export const FLEET_STATES = [
  'urgent',
  'late',
  'mismatching',
  'held',
  'proposed',
  'silent',
  'uncompared',
  'compared',
  'complete',
] as const;
export type FleetState = (typeof FLEET_STATES)[number];

export const STATE_LABELS: Record<FleetState, { label: string; meaning: string }> = {
  urgent: { label: 'Urgent', meaning: 'split writer, regressing, or a hook failed' },
  late: { label: 'Late', meaning: 'owed, flapping or stuck' },
  mismatching: { label: 'Mismatching', meaning: 'old and new differ' },
  held: { label: 'Held', meaning: 'by a person' },
  proposed: { label: 'To confirm', meaning: 'a person is to confirm what automation proposes' },
  silent: { label: 'Silent', meaning: 'evidence is missing, stale, one-sided or incomparable' },
  uncompared: { label: 'Not compared', meaning: 'one system runs; nobody compares in this phase' },
  compared: { label: 'Compared', meaning: 'both systems land, and match' },
  complete: { label: 'Complete', meaning: 'the old job is removed' },
};

const URGENT: readonly AttentionKind[] = ['split-writer', 'regressing', 'hook-failed'];

export function stateOf({ attention, coverage, held, proposed, phase }: FleetRow): FleetState {
  if (attention) return URGENT.includes(attention.kind) ? 'urgent' : 'late';
  if (coverage === 'mismatching') return 'mismatching';
  if (held) return 'held';
  if (proposed) return 'proposed';
  if (phase === 'complete') return 'complete';
  if (coverage === 'paired') return 'compared';
  return coverage === 'not-compared' ? 'uncompared' : 'silent';
}
