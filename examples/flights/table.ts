/**
 * The table that both systems deliver for one airport and one day: a row for each hour of departure. Names of jobs,
 * columns, and the canonical text of a row live here, and nothing that computes a value: the two systems share the
 * shape of their output and not a line of how they come to it. All values are whole numbers, so that equal tables are
 * equal as text; a float that differs in its last bit is noise that would drown the mismatches that matter.
 */

export interface SummaryRow {
  /** Hour of departure, 0 to 23, local time. */
  hour: number;
  flights: number;
  /** Whole minutes; halves go up (-2.5 is -2), as they always have. */
  meanDelay: number;
  /** The smallest delay that at least nine in ten flights do not exceed. */
  p90Delay: number;
  /** Miles, added up over the flights. */
  distance: number;
  /** Share of flights with a delay under 15 minutes, in ten-thousandths, cut off. */
  onTime: number;
}

export const COLUMNS = 'hour,flights,mean_delay,p90_delay,distance,on_time_share';

const JOB_PREFIX = 'flights-';

/** One job per airport of departure. */
export function jobOf(airport: string): string {
  return JOB_PREFIX + airport;
}

export function airportOf(jobId: string): string {
  if (!jobId.startsWith(JOB_PREFIX)) throw new Error(`${jobId} is no job of this example: expected ${JOB_PREFIX}XXX`);
  return jobId.slice(JOB_PREFIX.length);
}

/** `{hour: 6, ..., onTime: 8333}` -> `06,12,-2,31,8124,0.8333` */
export function formatRow(row: SummaryRow): string {
  const hour = String(row.hour).padStart(2, '0');
  // Integer arithmetic: dividing by 10,000 and printing would ask for the shortest float, which has no fixed width.
  const share = `${Math.trunc(row.onTime / 10_000)}.${String(row.onTime % 10_000).padStart(4, '0')}`;
  return [hour, row.flights, row.meanDelay, row.p90Delay, row.distance, share].join(',');
}

/** A table as a file: the header, then its rows in order. */
export function renderTable(rows: readonly string[]): string {
  return [COLUMNS, ...rows.toSorted(), ''].join('\n');
}

/** The rows of a file, without the header. */
export function parseTable(text: string): string[] {
  const [header, ...rows] = text.trimEnd().split('\n');
  if (header !== COLUMNS) throw new Error(`expected a table with the columns ${COLUMNS}, found ${header}`);
  return rows;
}
