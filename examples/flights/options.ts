/** The command line of the example. `run.ts` is the only caller. */
import { parseArgs } from 'node:util';
import { DEFAULT_PARAMETERS, type PlanParameters } from './sources.ts';
import { MIGRATION } from './story.ts';

export interface Options {
  parameters: PlanParameters;
  /** Of the endpoint; 0 for any that is free. */
  port: number;
  /** Ends when the story has settled, instead of serving on. */
  once: boolean;
  /** Prints the summary as the last line. */
  json: boolean;
  withoutDefects: boolean;
  /** Where the events that were told are written, a line of JSON each. */
  eventsFile?: string;
}

/** A story that is cut off before its last fix had effect would end with production wrong, and rightly so. */
const LEAST_DAYS = Math.max(...MIGRATION.deployments.map(({ day }) => day)) + 2;

export const HELP = `A migration of daily pipelines over real flights, from an old system to a new one, on this machine.

  npm start -- [options]

  --once              end when it has settled, with exit code 0, instead of serving on until Ctrl-C
  --json              print a summary as the last line
  --without-defects   the new system starts with a release that is right, and stays right
  --airports N        one job each (default ${DEFAULT_PARAMETERS.airports}, 1 to 200)
  --days N            the longest that the story may take (default ${DEFAULT_PARAMETERS.days}, ${LEAST_DAYS} to 180)
  --events FILE       write every event that is told to this file, a line of JSON each
  --port N            of the endpoint (default 4400; with --once any that is free)`;

/** One airport in so many is a sparse one, without flights on many of the days. */
const SPARSE_SHARE = DEFAULT_PARAMETERS.sparse / DEFAULT_PARAMETERS.airports;

/** `undefined` when help was asked for. Throws with a message for people on anything that it does not know. */
export function parseOptions(args: readonly string[]): Options | undefined {
  const { values } = parseArgs({
    args: [...args],
    options: {
      airports: { type: 'string', default: String(DEFAULT_PARAMETERS.airports) },
      days: { type: 'string', default: String(DEFAULT_PARAMETERS.days) },
      port: { type: 'string' },
      once: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      events: { type: 'string' },
      'without-defects': { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return undefined;
  const airports = wholeNumber('--airports', values.airports, 1, 200);
  const days = wholeNumber('--days', values.days, LEAST_DAYS, 180);
  return {
    parameters: { ...DEFAULT_PARAMETERS, airports, days, sparse: Math.round(airports * SPARSE_SHARE) },
    port: wholeNumber('--port', values.port ?? (values.once ? '0' : '4400'), 0, 65_535),
    once: values.once,
    json: values.json,
    withoutDefects: values['without-defects'],
    ...(values.events !== undefined && { eventsFile: values.events }),
  };
}

function wholeNumber(option: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  throw new Error(`${option} ${text}: a whole number from ${min} to ${max} is wanted`);
}
