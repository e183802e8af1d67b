/**
 * Are the parts well: what pipelines call, what folds, judges and commits, the tables, the queue, the pipe, and the letters
 * that nobody could deliver. Most metrics of AWS are absent while nothing happens, so silence is no breach here.
 */
import { Duration } from 'aws-cdk-lib';
import { Stats, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import type { AlarmShapes, AlarmText } from './alarm-shape.ts';
import type { DeadLetters } from './dead-letters.ts';
import type { Metrics } from './metrics.ts';

const missing = TreatMissingData.NOT_BREACHING;
const ERRORS = 'Saved query "errors by function": which function, which error?';
/** Evaluations that wait for concurrency are tried again: of 256 groups some always do. */
const THROTTLES_EXPECTED = 512;

export function functionAlarms(metrics: Metrics): AlarmShapes {
  return {
    CallsFailing: {
      metric: metrics.failures(['assign', 'land', 'published'], 'calls of pipelines that failed'),
      meaning: 'Calls of pipelines (assign, land, published) fail: runs of both systems wait or end without output.',
      checks: [
        ERRORS,
        "Throttled? The account's concurrency: `aws lambda get-account-settings`.",
        'WritesThrottled, ReadsThrottled or StoreErrors in alarm too? Then begin there.',
      ],
      threshold: 5,
      periods: 2,
      missing,
    },
    IngestFailing: {
      metric: metrics.failures(['ingest'], 'batches of landings that failed'),
      meaning: 'Landings from the queue cannot be stored. They come again; after five attempts they are dead letters.',
      checks: [
        ERRORS,
        'WritesThrottled or StoreErrors in alarm too? Then begin there.',
        'Dashboard, "the queue of landings": does its age rise?',
      ],
      threshold: 3,
      periods: 3,
      missing,
    },
    GatherFailing: {
      metric: metrics.failures(['gather'], 'batches of evidence that failed'),
      meaning: 'Landings cannot be folded into evidence: sweeps judge by old facts once EvidenceLag is in alarm too.',
      checks: [
        ERRORS,
        'Does "gather failed" name one job again and again, or all?',
        'LandingsUnfolded: has anything been given up already?',
      ],
      threshold: 3,
      periods: 3,
      missing,
    },
    EvaluateFailing: {
      metric: metrics.evaluateFailures(THROTTLES_EXPECTED, { period: metrics.interval }),
      meaning:
        'Evaluations fail at their first attempt in sweep after sweep. What the retries do not save is not judged.',
      checks: [
        ERRORS,
        'EvaluationFailed in alarm too? Then shards are not judged: its section comes first.',
        'Throttled? `aws lambda get-function-concurrency` of evaluate, and `crossfade:evaluationConcurrency`.',
      ],
      threshold: 1,
      periods: 2,
      missing,
    },
    CommitFailing: {
      metric: metrics.failures(['commit', 'hook', 'account'], 'commits that failed', { period: metrics.interval }),
      meaning:
        'Promotions, what is asked of hooks before and after them, or their accounts fail. Demotions do not pass here and go on.',
      checks: [
        ERRORS,
        'Saved query "a sweep\'s decisions": "accounted" lists the jobs whose outcome is unknown.',
        '`crossfade job ID` for one of those: was it promoted after all?',
      ],
      threshold: 3,
      periods: 2,
      missing,
    },
  };
}

export function storeAlarms(metrics: Metrics): AlarmShapes {
  const throttled = (which: 'Read' | 'Write', who: string): AlarmShapes[string] => ({
    metric: metrics.throttled(which),
    meaning: `DynamoDB turns ${which.toLowerCase()}s away: ${who} wait and are tried again, and in the end fail.`,
    checks: [
      'Dashboard, "capacity consumed": which table, and is it at its limit?',
      `Is the limit of the bill too low? \`crossfade:max${which}RequestUnits\``,
      'A backfill, or one hot key? Dashboard, "invocations": what rose at the same time?',
    ],
    threshold: 100,
    periods: 2,
    missing,
  });
  return {
    ReadsThrottled: throttled('Read', 'sweeps and pipelines'),
    WritesThrottled: throttled('Write', 'assigns, landings and evidence'),
    StoreErrors: {
      metric: metrics.storeErrors(),
      meaning: 'DynamoDB itself fails for jobs or landings. Requests are tried again; nothing is written halfway.',
      checks: [
        'AWS Health: an event of DynamoDB in this region?',
        'CallsFailing or EvaluationFailed in alarm too? Then it is felt.',
        '`crossfade doctor`: do all tables answer?',
      ],
      threshold: 5,
      periods: 2,
      missing,
    },
    LandingsDelayed: {
      metric: metrics.queueAge(),
      meaning: "Reported landings wait in the queue for longer than a sweep's interval: their evidence is late.",
      checks: [
        'IngestFailing or WritesThrottled in alarm too? Then begin there.',
        'Dashboard, "the queue of landings": one burst, or does it grow?',
        'A backfill? It drains; `crossfade pause` if fresh landings must not wait behind it.',
      ],
      threshold: metrics.interval.toSeconds(),
      periods: 3,
      missing,
    },
    EventsFailing: {
      metric: metrics.pipeFailures(),
      meaning: 'Events of phase changes do not reach the bus. Nothing is lost yet: the pipe tries again for 12 hours.',
      checks: [
        "The pipe's log: which error?",
        '`aws pipes describe-pipe`: is it RUNNING?',
        'EventsUntold: has anything been given up already?',
      ],
      threshold: 1,
      periods: 3,
      missing,
    },
  };
}

/** What to look at first for each queue of dead letters; what is in there the queue says itself. */
const LETTERS = {
  LandingsRefused: [
    'Read one: `aws sqs receive-message`, its attribute `reason` names the field.',
    'Saved query "refused landings": whose, since when?',
    'Tell its sender. It reports again; sending the same once more is refused once more.',
  ],
  LandingsUndelivered: [
    ERRORS,
    'Is the cause gone? IngestFailing is OK again.',
    'Then start the redrive to the source queue: `aws sqs start-message-move-task`.',
  ],
  LandingsUnfolded: [
    'The log of gather: "gather failed" names job and error.',
    '`crossfade job ID`: its evidence lacks what is in the letter.',
    'Is the cause gone? Then have the jobs report once more, or `crossfade hold ID` until then.',
  ],
  SweepUndelivered: [
    '`crossfade status`: has a later sweep run? Then its work is done.',
    'The log of fan-out: which error?',
    '`crossfade sweep` starts one now.',
  ],
  EventsUntold: [
    "The pipe's log: which error?",
    '`crossfade history ID`: the record is there, only the event is not.',
    'Tell those who act on events which jobs they missed.',
  ],
} as const satisfies Record<string, AlarmText['checks']>;

export type DeadLetterAlarm = keyof typeof LETTERS;

export function deadLetterAlarms(deadLetters: Readonly<Record<DeadLetterAlarm, DeadLetters>>): AlarmShapes {
  return Object.fromEntries(
    (Object.entries(LETTERS) as [DeadLetterAlarm, AlarmText['checks']][]).map(([name, checks]) => [
      name,
      {
        metric: deadLetters[name].queue.metricApproximateNumberOfMessagesVisible({
          period: Duration.minutes(5),
          statistic: Stats.MAXIMUM,
        }),
        meaning: deadLetters[name].meaning,
        checks,
        threshold: 1,
        missing,
      },
    ]),
  );
}
