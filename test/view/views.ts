/** What pages show, for tests: a job in reverse shadow that regresses in one partition, and a short attention list. */

import { addSeconds, toMs } from '../../lib/domain/time.ts';
import { type Actions, OFFERED_VERBS } from '../../lib/view/actions.ts';
import type { AttentionEntry, AttentionView } from '../../lib/view/attention-list.ts';
import { createCloudWatchActions } from '../../lib/view/cloudwatch-actions.ts';
import type { JobView } from '../../lib/view/job-view.ts';
import { aJob, aPair, aStanding, aTransition, NOW } from '../builders/records.ts';

const HOUR = 3_600;
const arnOf = (name: string) => `arn:aws:lambda:us-east-1:000000000000:function:crossfade-${name}`;

export const WIDGET_ARN = arnOf('widget');
export const VERB_ARNS = Object.fromEntries(OFFERED_VERBS.map((verb) => [verb, arnOf(verb)])) as Record<
  (typeof OFFERED_VERBS)[number],
  string
>;

export function cloudWatchActions(): Actions {
  return createCloudWatchActions({ widget: WIDGET_ARN, verbs: VERB_ARNS });
}

export function aJobView(given: Partial<JobView> = {}): JobView {
  const shadowed = aTransition({ version: 2, epoch: 2, at: addSeconds(NOW, -72 * HOUR) });
  const swapped = aTransition({
    version: 5,
    epoch: 3,
    at: addSeconds(NOW, -30 * HOUR),
    from: 'shadow',
    to: 'reverse-shadow',
    reason: 'criteria-pass',
    message: '24 of 24 pairs match',
  });
  return {
    job: aJob({
      phase: 'reverse-shadow',
      epoch: 3,
      version: 6,
      registeredAt: addSeconds(NOW, -96 * HOUR),
      phaseSince: swapped.at,
      lastTransition: swapped,
      dueAfterSeconds: 3_000,
    }),
    policy: { name: 'default', hash: 'a-hash', automation: 'enforce' },
    decision: {
      kind: 'demote',
      from: 'reverse-shadow',
      to: 'shadow',
      reason: 'data-quality-failed',
      message: 'dataQuality: 1 of 24 pairs mismatches (0 allowed)',
      verdicts: [
        {
          criterion: 'dataQuality',
          outcome: 'fail',
          message: '1 of 24 pairs mismatches (0 allowed)',
          sample: { pairs: 24, needed: 24 },
          partitions: ['2026-11-22T05'],
        },
        {
          criterion: 'landingLatency',
          outcome: 'pass',
          message: 'new lands 4 min 10 s before old (60 s later allowed)',
          sample: { pairs: 24, needed: 24 },
        },
        {
          criterion: 'resourceUtilization',
          outcome: 'missing',
          message: 'no pair says its compute seconds',
          sample: { pairs: 0, needed: 24 },
        },
      ],
      unmet: [],
    },
    attention: { kind: 'regressing', cause: 'data-quality-failed', since: addSeconds(NOW, -600) },
    pairs: Array.from({ length: 24 }, (_, i) => hourlyPair(23 - i)),
    standing: [
      aStanding({
        partition: '2026-11-22T05',
        quarantined: true,
        owed: { by: 'new', reason: 'quarantined', since: toMs(NOW) - 600_000 },
      }),
    ],
    overflow: false,
    samples: [
      {
        partition: '2026-11-22T05',
        signature: 'mean_delay',
        values: [{ key: 'ATL', column: 'mean_delay', old: '-7', new: '-8' }],
      },
    ],
    open: [{ partition: '2026-11-22T05', writer: 'new', reason: 'quarantined', since: addSeconds(NOW, -600) }],
    openCount: 1,
    history: [swapped, shadowed],
    olderHistory: false,
    at: NOW,
    ...given,
  };
}

/** The hour's pair; the fifth mismatches, the ninth has no old side. */
function hourlyPair(hour: number) {
  const pair = aPair({
    partition: `2026-11-22T${String(hour).padStart(2, '0')}`,
    epoch: 3,
    changedAt: toMs(NOW) - (23 - hour) * 3_600_000,
    oldLagSeconds: 2_400 + ((hour * 37) % 11) * 30,
    newLagSeconds: 2_100 + ((hour * 53) % 13) * 25,
    ...(hour === 5 && { outcome: 'mismatch' as const }),
  });
  if (hour !== 9) return pair;
  const { oldLagSeconds: _, oldLandedAt: __, ...rest } = pair;
  return { ...rest, outcome: 'new-only' as const };
}

export function anEntry(given: Partial<AttentionEntry> = {}): AttentionEntry {
  return {
    jobId: 'flights-atl',
    team: 'flights',
    phase: 'shadow',
    held: false,
    attention: { kind: 'regressing', cause: 'data-quality-failed', since: addSeconds(NOW, -HOUR) },
    ...given,
  };
}

export function anAttentionView(given: Partial<AttentionView> = {}): AttentionView {
  return {
    entries: [
      anEntry({ attention: { kind: 'split-writer', cause: 'both systems wrote production', since: NOW } }),
      anEntry({ jobId: 'flights-jfk' }),
      anEntry({ jobId: 'hotels-eu', team: 'hotels', held: true }),
      anEntry({
        jobId: 'flights-sfo',
        attention: { kind: 'stuck', cause: 'capacity', since: addSeconds(NOW, -99 * HOUR) },
      }),
    ],
    more: false,
    filter: {},
    at: NOW,
    ...given,
  };
}
