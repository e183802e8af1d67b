/**
 * What a deployment can choose, each with its default, unit and consequence, and the rules that choices keep. Read by
 * `crossfade.ts` and, for `cdk.json`, by `context.ts`. Nothing here names a resource: CloudFormation does, so that a second
 * deployment in the same account and region never meets the first.
 */
import { fileURLToPath } from 'node:url';
import { RemovalPolicy } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { ITopic } from 'aws-cdk-lib/aws-sns';

export interface CrossfadeProps {
  /**
   * Minutes between sweeps, 5 to 240. A regression is demoted by the first sweep after it, so this is how long it can
   * last; halving it doubles what sweeps cost.
   * @default 15
   */
  readonly intervalMinutes?: number;
  /**
   * Jobs that one evaluation takes, about. Smaller groups end sooner and cost more state transitions; there are never more
   * than 256 groups.
   * @default 500
   */
  readonly groupSize?: number;
  /**
   * Folder of `*.yaml` policies. They are validated at synth and shipped as a layer, so a changed policy is a deployment.
   * @default the `policies` folder of this repository, whose default policy only observes
   */
  readonly policiesFolder?: string;
  /**
   * Where alarms go. A topic of yours has to let `cloudwatch.amazonaws.com` publish.
   * @default a topic of the construct's own
   */
  readonly alarmTopic?: ITopic;
  /**
   * An address that the construct's own topic mails to, once its owner has confirmed the mail from AWS. Not with `alarmTopic`.
   * @default nobody is mailed
   */
  readonly alarmEmail?: string;
  /**
   * Where pages go: what harms consumers now. A topic of yours has to let `cloudwatch.amazonaws.com` publish.
   * @default where alarms go
   */
  readonly pageTopic?: ITopic;
  /**
   * Where your people read docs/runbook.md: alarms and the dashboard link to it, each alarm to the section of its name.
   * @default the path in this repository
   */
  readonly runbookUrl?: string;
  /**
   * What becomes of the tables when they leave the stack. `RETAIN` also protects them from deletion by any other way;
   * `DESTROY` is for trials: the claims, the history and every right to write are gone with the stack.
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;
  /**
   * Most read request units a second of each table and index: a limit of the bill. What comes beyond it is throttled and
   * retried. Sustained reads at the default cost about 4.50 $ an hour and table.
   * @default 10000
   */
  readonly maxReadRequestUnits?: number;
  /**
   * Most write request units a second of each table and index: a limit of the bill. Beyond it assigns and landings wait,
   * so leave room for the busiest minute: a million hourly jobs peak near 20,000. Sustained writes at the default cost
   * about 22 $ an hour and table.
   * @default 10000
   */
  readonly maxWriteRequestUnits?: number;
  /**
   * Encrypts the four tables and their streams. Whoever may not use the key reads and writes nothing, this deployment
   * included; a key that is lost takes the claims with it. The stack has to name its region. Queues, topic and logs keep
   * their service's own encryption.
   * @default a key that DynamoDB owns
   */
  readonly encryptionKey?: IKey;
  /**
   * Days that logs are kept. The history of every job is in its table, for ever; logs only explain failures.
   * @default RetentionDays.ONE_MONTH
   */
  readonly logRetention?: RetentionDays;
  /**
   * Accounts (twelve digits) whose roles may send landings to the queue. A queue cannot tell one system from the other:
   * give what has to be fenced `grantAssign` and `grantLand` instead.
   * @default only this account
   */
  readonly reporterAccounts?: readonly string[];
  /**
   * An AWS organisation (`o-...`), all of whose accounts may send landings to the queue.
   * @default none
   */
  readonly organizationId?: string;
  /**
   * Concurrency set aside for evaluations, so that pipelines which use up the account's cannot keep a demotion waiting,
   * and the most that a sweep takes from them. Make it the number of groups (jobs / `groupSize`): those beyond it are tried
   * again for less than a minute. 0 sets nothing aside: for accounts whose limit is too low (Lambda wants 100 left
   * unreserved).
   * @default 100
   */
  readonly evaluationConcurrency?: number;
}

export type Settings = Required<
  Omit<CrossfadeProps, 'alarmTopic' | 'alarmEmail' | 'pageTopic' | 'encryptionKey' | 'organizationId'>
>;

const DEFAULTS: Settings = {
  intervalMinutes: 15,
  groupSize: 500,
  policiesFolder: fileURLToPath(new URL('../../policies', import.meta.url)),
  runbookUrl: 'docs/runbook.md',
  removalPolicy: RemovalPolicy.RETAIN,
  maxReadRequestUnits: 10_000,
  maxWriteRequestUnits: 10_000,
  logRetention: RetentionDays.ONE_MONTH,
  reporterAccounts: [],
  evaluationConcurrency: 100,
};

/** The choices with their defaults. Throws with the prop, the value seen and what is allowed. */
export function settingsOf(props: CrossfadeProps): Settings {
  const settings = {
    ...DEFAULTS,
    ...Object.fromEntries(Object.entries(props).filter(([, value]) => value !== undefined)),
  };
  requireBetween(settings, 'intervalMinutes', 5, 240);
  requireBetween(settings, 'groupSize', 1, 10_000);
  requireBetween(settings, 'maxReadRequestUnits', 1, 1_000_000);
  requireBetween(settings, 'maxWriteRequestUnits', 1, 1_000_000);
  requireBetween(settings, 'evaluationConcurrency', 0, 256);
  for (const account of settings.reporterAccounts) {
    if (!/^\d{12}$/.test(account)) throw new Error(`reporterAccounts: ${account} is no account id of twelve digits`);
  }
  if (props.organizationId !== undefined && !/^o-[a-z0-9]{10,32}$/.test(props.organizationId)) {
    throw new Error(`organizationId: ${props.organizationId} is no organisation id, such as o-a1b2c3d4e5`);
  }
  if (!/^\S{1,200}$/.test(settings.runbookUrl)) {
    throw new Error(`runbookUrl: ${settings.runbookUrl} is refused; up to 200 characters without spaces are allowed`);
  }
  if (props.alarmTopic && props.alarmEmail !== undefined) {
    throw new Error(`alarmEmail: ${props.alarmEmail} beside an alarmTopic; subscribe it to your topic instead`);
  }
  return settings;
}

type Amount =
  | 'intervalMinutes'
  | 'groupSize'
  | 'maxReadRequestUnits'
  | 'maxWriteRequestUnits'
  | 'evaluationConcurrency';

function requireBetween(settings: Settings, prop: Amount, least: number, most: number): void {
  const value = settings[prop];
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw new Error(`${prop}: ${value} is refused; a whole number from ${least} to ${most} is allowed`);
}
