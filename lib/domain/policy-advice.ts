/**
 * What a policy may say and hardly means: limits that contradict each other, and rhythms at which a job can never satisfy
 * it. Warnings, never refusals: `policy check`, `policy show` and `register` tell them. Pure.
 */
import type { Job } from './job.ts';
import type { Policy } from './policy.ts';
import { describeSeconds } from './time.ts';

export interface Advice {
  field: string;
  message: string;
}

export function adviseOnPolicy(policy: Policy): Advice[] {
  const { soak, stuckAfter, tombstoneSeconds, cooldown, settleSeconds, maxAgeSeconds } = policy;
  const shorter = (field: string, value: number, than: string, other: number, so: string): Advice[] =>
    value < other
      ? [
          {
            field,
            message: `${describeSeconds(value)} is less than ${than}, which is ${describeSeconds(other)}, so that ${so}`,
          },
        ]
      : [];
  return [
    ...shorter('stuckAfter.shadowSeconds', stuckAfter.shadowSeconds, 'soak.shadowSeconds', soak.shadowSeconds, STUCK),
    ...shorter(
      'stuckAfter.reverseShadowSeconds',
      stuckAfter.reverseShadowSeconds,
      'soak.reverseShadowSeconds',
      soak.reverseShadowSeconds,
      STUCK,
    ),
    ...shorter('stuckAfter.cleanupSeconds', stuckAfter.cleanupSeconds, 'tombstoneSeconds', tombstoneSeconds, STUCK),
    ...shorter(
      'cooldown.maxSeconds',
      cooldown.maxSeconds,
      'cooldown.firstSeconds',
      cooldown.firstSeconds,
      'the first never counts',
    ),
    ...shorter('maxAgeSeconds', maxAgeSeconds, 'settleSeconds', settleSeconds, 'evidence is too old before it counts'),
    ...adviseOnApprovals(policy),
  ];
}

const STUCK = 'every healthy job is called stuck';

/** A role can stand for many people, so more sign-offs than names may be meant. */
function adviseOnApprovals({ approvals }: Policy): Advice[] {
  return Object.entries(approvals).flatMap(([phase, rule]) =>
    rule && rule.from.length > 0 && rule.quorum > rule.from.length
      ? [
          {
            field: `approvals.${phase}.quorum`,
            message: `${rule.quorum} different people have to sign off, and \`from\` has ${rule.from.length} names: that needs a role which several people assume`,
          },
        ]
      : [],
  );
}

/** Why a job of this rhythm waits longer than the policy seems to say, or for ever. A cron rhythm says too little. */
export function adviseOnCadence(policy: Policy, cadence: Job['cadence']): Advice[] {
  const every = cadence?.everySeconds;
  if (every === undefined || every === 0) return [];
  const { maxAgeSeconds, minPairs, soak } = policy;
  if (every > maxAgeSeconds) {
    const message = `a partition every ${describeSeconds(every)} is older than the ${describeSeconds(maxAgeSeconds)} that policy ${policy.name} allows (maxAgeSeconds) before the next one lands: it will hardly ever be fresh enough for a promotion`;
    return [{ field: 'cadence', message }];
  }
  if (every * minPairs <= soak.shadowSeconds) return [];
  const message = `${minPairs} pairs (minPairs) at one every ${describeSeconds(every)} take ${describeSeconds(every * minPairs)}, longer than the soak of ${describeSeconds(soak.shadowSeconds)} in shadow: the pairs decide, not the soak`;
  return [{ field: 'cadence', message }];
}
