/**
 * The functions as data, one row for each file of `functions/`: what it is for, what it may do with the tables, how long it
 * may take. `functions.ts` makes them. What a function may do beside the tables (queues, streams, executions) is said where
 * that resource is made. docs/permissions.md is generated from the result.
 */
import type { TableAccess } from './access.ts';

export interface HandlerShape {
  description: string;
  tables: TableAccess;
  /** Below the limit of whoever calls it: a task of the state machine, a queue, a sweep. */
  timeoutSeconds: number;
  /** CPU comes with it: 1,769 is one core. */
  memoryMegabytes: number;
  /** Judges by policies, so it gets them. */
  decides?: true;
  /** Has the aliases `old` and `new`, each of which speaks for one system only. */
  perSystem?: true;
  /** Writes log lines or metrics, which name the deployment. */
  reports?: true;
  /** Answers pages with buttons of these verbs, so it is told their ARNs. It may not invoke them: whoever presses does. */
  offers?: readonly Override[];
}

/** The store's client gives up after some 25 s; a function that ends before it would hide why. */
const CALL_SECONDS = 30;
/** State machine tasks have 60 s. */
const TASK_SECONDS = 50;

const CLAIMS: TableAccess = { jobs: ['GetItem'], landings: ['GetItem', 'PutItem'] };

/** Judge on strong reads, write the job, then take over its claims. */
const TRANSITIONS: TableAccess = {
  jobs: ['GetItem', 'PutItem'],
  landings: ['GetItem', 'PutItem', 'Query'],
  evidence: ['GetItem'],
  controls: ['GetItem'],
};

/** Change the job without judging it, and finish what its last transition left. */
const CHANGES: TableAccess = { jobs: ['GetItem', 'PutItem', 'Query'], landings: ['GetItem', 'PutItem', 'Query'] };

/** A repeated request is answered from the job's history. */
const OVERRIDE: TableAccess = { ...TRANSITIONS, jobs: ['GetItem', 'PutItem', 'Query'] };

/** Change the fleet's controls, each change with its record. */
const CONTROLS: TableAccess = { controls: ['GetItem', 'PutItem'], 'fleet history': ['PutItem', 'Query'] };

const override = (description: string, tables: TableAccess = OVERRIDE): HandlerShape => ({
  description,
  tables,
  timeoutSeconds: CALL_SECONDS,
  memoryMegabytes: 512,
  decides: true,
  reports: true,
});

export const HANDLERS = {
  assign: {
    description: 'Answers a run whether and where it may write a partition, with the token of that right',
    tables: CLAIMS,
    timeoutSeconds: CALL_SECONDS,
    memoryMegabytes: 512,
    perSystem: true,
    reports: true,
  },
  land: {
    description: 'Accepts or fences the landing of a partition',
    tables: CLAIMS,
    timeoutSeconds: CALL_SECONDS,
    memoryMegabytes: 512,
    perSystem: true,
    reports: true,
  },
  published: {
    description: 'Notes that an accepted landing is visible at its destination',
    tables: { landings: ['GetItem', 'PutItem'] },
    timeoutSeconds: CALL_SECONDS,
    memoryMegabytes: 512,
    perSystem: true,
  },
  owed: {
    description: 'Lists the partitions that a system still has to publish',
    tables: { landings: ['GetItem', 'Query'], owed: ['Query'] },
    timeoutSeconds: CALL_SECONDS,
    memoryMegabytes: 512,
  },
  'report-difference': {
    description: 'Notes what a comparison of the rows found about a mismatch; redacts what the policy does not list',
    tables: { jobs: ['GetItem'], landings: ['GetItem', 'PutItem'] },
    timeoutSeconds: CALL_SECONDS,
    memoryMegabytes: 512,
    decides: true,
  },
  ingest: {
    description: 'Takes landings from the queue; what it refuses goes to the refused-landings queue with the reason',
    tables: CLAIMS,
    timeoutSeconds: 60,
    memoryMegabytes: 512,
    reports: true,
  },
  gather: {
    description: "Folds the stream of landings into the jobs' evidence",
    tables: {
      jobs: ['GetItem'],
      landings: ['GetItem', 'PutItem', 'Query'],
      evidence: ['GetItem', 'PutItem'],
      owed: ['PutItem', 'DeleteItem'],
    },
    timeoutSeconds: 120,
    memoryMegabytes: 1024,
    decides: true,
    reports: true,
  },
  register: {
    description: 'Brings jobs in, or changes their attributes',
    tables: { jobs: ['GetItem', 'PutItem'], summaries: ['GetItem', 'PutItem'] },
    timeoutSeconds: 60,
    memoryMegabytes: 512,
    decides: true,
  },
  'fan-out': {
    description: 'Starts a sweep: writes its ledger once and starts one evaluation for each group of shards',
    tables: {
      ...CONTROLS,
      ledgers: ['GetItem', 'PutItem', 'Query'],
      summaries: ['Query'],
      accounts: ['Query'],
      sweeps: ['GetItem', 'PutItem'],
    },
    timeoutSeconds: 120,
    memoryMegabytes: 512,
    decides: true,
    reports: true,
  },
  evaluate: {
    description: 'Judges one group of shards, commits its demotions and answers its promotions',
    tables: {
      jobs: ['GetItem', 'PutItem'],
      'jobs by shard': ['Query'],
      landings: ['GetItem', 'PutItem', 'Query'],
      evidence: ['GetItem', 'PutItem', 'Query'],
      owed: ['PutItem', 'DeleteItem'],
      controls: ['GetItem'],
      summaries: ['GetItem', 'PutItem'],
    },
    timeoutSeconds: 170,
    memoryMegabytes: 1769,
    decides: true,
    reports: true,
  },
  commit: {
    description: 'Judges one promotion again and commits it',
    tables: TRANSITIONS,
    timeoutSeconds: TASK_SECONDS,
    memoryMegabytes: 512,
    decides: true,
    reports: true,
  },
  hook: {
    description: "Asks a team's own gate or hook, and notes on the job what it says",
    tables: { jobs: ['GetItem', 'PutItem'], evidence: ['GetItem'], controls: ['GetItem'] },
    // A hook has 60 s of it.
    timeoutSeconds: 90,
    memoryMegabytes: 512,
    decides: true,
    reports: true,
  },
  account: {
    description: 'Notes what a group used of its grants, and with the last group the end of the sweep',
    tables: {
      accounts: ['PutItem', 'Query'],
      ledgers: ['Query'],
      summaries: ['Query'],
      sweeps: ['GetItem', 'PutItem'],
    },
    timeoutSeconds: TASK_SECONDS,
    memoryMegabytes: 512,
    reports: true,
  },
  tell: {
    description: 'Makes events of what the streams of the tables say was committed; writes nothing',
    tables: { jobs: ['GetItem'] },
    timeoutSeconds: CALL_SECONDS,
    memoryMegabytes: 512,
    reports: true,
  },
  explain: {
    description: 'Answers why a job is where it is and what would change it; writes nothing',
    tables: { jobs: ['GetItem'], landings: ['Query'], evidence: ['GetItem'], controls: ['GetItem'] },
    timeoutSeconds: CALL_SECONDS,
    memoryMegabytes: 512,
    decides: true,
  },
  widget: {
    description: 'Answers pages for a custom widget of a CloudWatch dashboard; writes nothing',
    tables: {
      jobs: ['GetItem', 'Query'],
      'jobs by attention': ['Query'],
      landings: ['Query'],
      evidence: ['GetItem'],
      controls: ['GetItem'],
    },
    timeoutSeconds: CALL_SECONDS,
    memoryMegabytes: 512,
    decides: true,
    offers: ['promote', 'demote', 'hold', 'release', 'approve', 'restart', 'complete'],
  },
  promote: override('Override: moves a job one phase onward'),
  demote: override('Override: moves a job one phase back'),
  hold: override('Override: keeps automation from moving a job', CHANGES),
  release: override("Override: ends a job's hold, or acknowledges its split writer"),
  complete: override('Override: confirms that the old job is removed, which ends its migration'),
  restart: override('Override: gathers the evidence of a job anew', CHANGES),
  retire: override('Override: takes a job that is gone out of the fleet', CHANGES),
  approve: override('Override: signs that a job may enter its next phase', CHANGES),
  pause: {
    description: 'Stops promotions of the whole fleet, or for at most 4 h every transition',
    tables: CONTROLS,
    timeoutSeconds: CALL_SECONDS,
    memoryMegabytes: 512,
    reports: true,
  },
  resume: {
    description: "Ends the fleet's pause, or closes the breaker",
    tables: CONTROLS,
    timeoutSeconds: CALL_SECONDS,
    memoryMegabytes: 512,
    reports: true,
  },
} as const satisfies Record<string, HandlerShape>;

export type HandlerName = keyof typeof HANDLERS;
export const HANDLER_NAMES = Object.keys(HANDLERS) as HandlerName[];

/** The verbs that operators are granted one by one. */
export const OVERRIDES = [
  'promote',
  'demote',
  'hold',
  'release',
  'restart',
  'retire',
  'complete',
  'approve',
  'pause',
  'resume',
] as const;
export type Override = (typeof OVERRIDES)[number];
