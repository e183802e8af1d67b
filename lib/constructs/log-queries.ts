/**
 * Questions to the logs, saved where people ask them: CloudWatch Logs Insights, in a folder named after the deployment. They
 * rest on the lines that the functions write (`functions/*.ts`): each has `message` for what happened, `jobId`, `sweepId`
 * and `execution` where it knows them, `code` and `reason` for why.
 */
import { CfnQueryDefinition } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { Functions } from './functions.ts';
import { HANDLER_NAMES, HANDLERS, type HandlerName, type HandlerShape } from './handlers.ts';

interface LogQueriesProps {
  readonly functions: Functions;
  readonly deployment: string;
}

interface SavedQuery {
  readonly lines: readonly string[];
  /** Asked for when the query is run; `{{name}}` in its text. */
  readonly parameter?: { name: string; description: string; defaultValue: string };
  /** Whose logs; by default of all functions that write lines of their own. */
  readonly of?: readonly HandlerName[];
}

/** Those that say something themselves; Lambda's own errors are in the others' logs too. */
const TALKING = HANDLER_NAMES.filter((name) => (HANDLERS[name] as HandlerShape).reports === true);

const QUERIES: Readonly<Record<string, SavedQuery>> = {
  "one job's story": {
    lines: [
      'fields @timestamp, message, from, to, code, reason, partition, system, actor, version, sweepId, execution',
      "filter jobId = '{{jobId}}'",
      'sort @timestamp asc',
      'limit 1000',
    ],
    parameter: { name: 'jobId', description: 'The job, as it is registered', defaultValue: 'orders.daily' },
  },
  "a sweep's decisions": {
    lines: [
      'fields @timestamp, message, execution, jobId, from, to, step, version, code, reason, attention, cause, proposed',
      "filter sweepId = '{{sweepId}}' or execution like '{{sweepId}}'",
      'sort @timestamp asc',
      'limit 10000',
    ],
    parameter: {
      name: 'sweepId',
      description: 'From crossfade status, or from a log line',
      defaultValue: 'sweep-20261122T130000Z',
    },
  },
  'refused landings': {
    lines: [
      'filter message in ["landing refused", "assign refused"]',
      'stats count(*) as refusals, latest(reason) as lastReason, latest(@timestamp) as lastAt by jobId, system, code',
      'sort refusals desc',
      'limit 100',
    ],
    of: ['assign', 'land', 'ingest'],
  },
  'slowest evaluations': {
    lines: [
      'filter message = "evaluated"',
      'fields @timestamp, execution, seconds, jobs, demoted, noted, failed, promotions',
      'sort seconds desc',
      'limit 50',
    ],
    of: ['evaluate'],
  },
  'errors by function': {
    lines: [
      // What a function did not catch, Lambda writes with an object in the place of the message.
      'filter level = "ERROR"',
      'fields coalesce(reason, error, message.errorMessage) as why, coalesce(message.errorType, message) as what',
      'stats count(*) as errors, latest(why) as lastWhy, latest(jobId) as lastJob, latest(@timestamp) as lastAt by @log, what',
      'sort errors desc',
      'limit 100',
    ],
    of: HANDLER_NAMES,
  },
};

export class LogQueries extends Construct {
  constructor(scope: Construct, id: string, { functions, deployment }: LogQueriesProps) {
    super(scope, id);
    for (const [name, { lines, parameter, of = TALKING }] of Object.entries(QUERIES)) {
      new CfnQueryDefinition(this, name.replace(/\W+/g, '-'), {
        name: `${deployment}/${name}`,
        queryString: lines.join('\n| '),
        logGroupNames: of.map((handler) => functions.byName[handler].logGroup.logGroupName),
        ...(parameter && { parameters: [parameter] }),
      });
    }
  }
}
