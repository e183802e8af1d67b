/**
 * The releases of the new system, as data: which of its SQL variants each one uses. The defects are of the kind that
 * passes review, and nothing marks them but the table below; whether a release is wrong for an airport and a day is for
 * the flights of that day to say. `new-system.ts` asks for the SQL, the driver decides which release is deployed when.
 */

const SOURCE = 'read_parquet($file, hive_partitioning = false)';

const INPUTS = {
  everyFlight: `SELECT date, delay, distance FROM ${SOURCE}`,
  // Takes two flights that leave in the same minute for the same place for one flight, delivered twice.
  distinctDepartures: `SELECT DISTINCT ON (date, destination) date, delay, distance
                       FROM ${SOURCE} ORDER BY date, destination, delay`,
};

const MEANS = {
  // SQL rounds halves away from zero, so -2.5 is -3. The old system's Math.round makes it -2.
  round: 'round(avg(delay))',
  floorOfHalfMore: 'floor(avg(delay) + 0.5)',
};

interface Release {
  input: keyof typeof INPUTS;
  mean: keyof typeof MEANS;
  notes: string;
}

export const RELEASES = {
  '1.0.0': { input: 'everyFlight', mean: 'round', notes: 'first release' },
  '1.1.0': { input: 'everyFlight', mean: 'floorOfHalfMore', notes: 'rounds negative halves as the old system does' },
  '1.2.0': {
    input: 'distinctDepartures',
    mean: 'floorOfHalfMore',
    notes: 'cleaning: drops flights that the feed delivered twice',
  },
  '1.3.0': { input: 'everyFlight', mean: 'floorOfHalfMore', notes: 'counts every flight again' },
} as const satisfies Record<string, Release>;

export type ReleaseId = keyof typeof RELEASES;

export function isRelease(id: string): id is ReleaseId {
  return Object.hasOwn(RELEASES, id);
}

/** The summary of one airport and day; `$file` is its Parquet source. */
export function summarySql(id: ReleaseId): string {
  const { input, mean } = RELEASES[id];
  return `
    SELECT hour(date)::INTEGER AS hour,
           count(*)::INTEGER AS flights,
           (${MEANS[mean]})::INTEGER AS mean_delay,
           quantile_disc(delay, 0.9)::INTEGER AS p90_delay,
           sum(distance)::INTEGER AS distance,
           (10000 * count(*) FILTER (delay < 15) // count(*))::INTEGER AS on_time
    FROM (${INPUTS[input]})
    GROUP BY ALL`;
}
