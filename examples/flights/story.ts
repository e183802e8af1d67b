/**
 * The story, as data: which release of the new system is deployed on which day, when sweeps come, and what people do.
 * Everything else that happens is for the two systems' output and the controller to decide. `migration.ts` tells it.
 */
import type { ReleaseId } from './releases.ts';

export interface Deployment {
  /** Of the calendar, counted from 1; deployed before the day's partitions run. */
  day: number;
  release: ReleaseId;
  /** Partitions whose pairs mismatch run again with this release, when the day is done. */
  rerun: boolean;
}

export interface Story {
  deployments: readonly Deployment[];
  /** The release that breaks what worked; the summary attributes the demotions since its deployment to it. */
  regressing?: ReleaseId;
}

/**
 * The first release is wrong from the start, so the jobs that it is wrong for stay in shadow until the second. The third
 * is wrong when many jobs are in reverse shadow, and before the first of them has been there long enough for cleanup,
 * where nothing is compared any more.
 */
export const MIGRATION: Story = {
  deployments: [
    { day: 1, release: '1.0.0', rerun: false },
    { day: 8, release: '1.1.0', rerun: true },
    { day: 15, release: '1.2.0', rerun: false },
    { day: 18, release: '1.3.0', rerun: true },
  ],
  regressing: '1.2.0',
};

/** The same migration by a team that never ships a defect. */
export const WITHOUT_DEFECTS: Story = { deployments: [{ day: 1, release: '1.1.0', rerun: false }] };

/** Hours of the clock. Offset from midnight, when the day's runs begin, so that some of them are always in flight. */
export const SWEEPS = { firstHour: 4, everyHours: 8 };

/** Who confirms that an old job is removed, and why. */
export const REMOVAL = {
  actor: 'platform-team',
  reason: 'the old job is switched off and its schedule is deleted',
};

/** What every job of the example is registered with. */
export const REGISTRATION = {
  team: 'flights',
  policy: 'flights',
  cadence: { every: '1d', timezone: 'UTC', partitionFormat: 'yyyy-MM-dd' },
  // From midnight: the morning after.
  dueAfter: '30h',
  integration: 'fenced',
};
