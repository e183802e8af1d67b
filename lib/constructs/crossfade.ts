/**
 * Crossfade as a construct: one deployment of the controller, for any stack. Its parts are one file each, beside this one.
 * What other code needs of it is a grant or a metric; ARNs and names stay inside. Several may stand in one account, one
 * region, even one stack.
 */
import { Names } from 'aws-cdk-lib';
import type { Dashboard as CloudWatchDashboard, IMetric, MetricOptions } from 'aws-cdk-lib/aws-cloudwatch';
import type { EventBus } from 'aws-cdk-lib/aws-events';
import type { Grant, IGrantable } from 'aws-cdk-lib/aws-iam';
import type { ITopic } from 'aws-cdk-lib/aws-sns';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { System } from '../domain/phases.ts';
import { readPolicies } from '../policies/load.ts';
import { READ_EVERYTHING, statementsFor } from './access.ts';
import { Alarms } from './alarms.ts';
import { Dashboard } from './dashboard.ts';
import { Evaluations } from './evaluations.ts';
import { Events } from './events.ts';
import { EvidenceStream } from './evidence-stream.ts';
import { Functions } from './functions.ts';
import type { Override } from './handlers.ts';
import { allowHooks } from './hook-access.ts';
import { LandingsQueue } from './landings-queue.ts';
import { LogQueries } from './log-queries.ts';
import { type FleetMetric, Metrics } from './metrics.ts';
import { OperatorUrls } from './operator-urls.ts';
import { type CrossfadeProps, settingsOf } from './props.ts';
import { SweepSchedule } from './schedule.ts';
import { SystemAliases } from './system-aliases.ts';
import { Tables } from './tables.ts';

export class Crossfade extends Construct {
  /** Where landings are reported to. */
  readonly landingsQueue: IQueue;
  /** Carries the events of `docs/events`, from source `crossfade`; `detail.type` says which one it is. */
  readonly eventBus: EventBus;
  readonly alarmTopic: ITopic;
  /** What cannot wait until tomorrow; the same topic unless another was given. */
  readonly pageTopic: ITopic;
  readonly dashboard: CloudWatchDashboard;
  /** Names this deployment in its logs and metrics. */
  readonly deployment: string;
  readonly tables: Tables;
  readonly functions: Functions;
  readonly aliases: SystemAliases;
  readonly operatorUrls: OperatorUrls;
  readonly evaluations: Evaluations;
  readonly #metrics: Metrics;

  constructor(scope: Construct, id: string, props: CrossfadeProps = {}) {
    super(scope, id);
    const settings = settingsOf(props);
    // Throws at synth what would otherwise fail every decision once it is deployed.
    const { policies } = readPolicies(settings.policiesFolder);
    this.deployment = Names.uniqueResourceName(this, { maxLength: 64, separator: '-' });
    const { deployment } = this;
    const { encryptionKey, organizationId, alarmTopic, alarmEmail, pageTopic } = props;

    this.tables = new Tables(this, 'Tables', { ...settings, ...(encryptionKey && { encryptionKey }) });
    const { tables } = this;
    this.functions = new Functions(this, 'Functions', { ...settings, tables, deployment });
    const { functions } = this;
    allowHooks(
      functions,
      policies.map(({ policy }) => policy),
    );
    this.aliases = new SystemAliases(this, 'Aliases', functions);
    this.operatorUrls = new OperatorUrls(this, 'Operators', functions);
    this.evaluations = new Evaluations(this, 'Evaluations', { ...settings, functions, deployment });
    const schedule = new SweepSchedule(this, 'Schedule', { ...settings, functions });
    const evidence = new EvidenceStream(this, 'Evidence', { tables, functions });
    const landings = new LandingsQueue(this, 'Landings', {
      ...settings,
      functions,
      ...(organizationId !== undefined && { organizationId }),
    });
    const events = new Events(this, 'Events', { ...settings, tables, functions });

    this.#metrics = new Metrics({
      ...settings,
      deployment,
      functions,
      evaluations: this.evaluations,
      tables,
      landings: landings.queue,
      pipes: events.pipes,
    });
    const metrics = this.#metrics;
    const deadLetters = {
      LandingsRefused: landings.refused,
      LandingsUndelivered: landings.undelivered,
      LandingsUnfolded: evidence.deadLetters,
      SweepUndelivered: schedule.deadLetters,
      EventsUntold: events.deadLetters,
    };
    const alarms = new Alarms(this, 'Alarms', {
      ...settings,
      metrics,
      deadLetters,
      ...(alarmTopic && { topic: alarmTopic }),
      ...(pageTopic && { pageTopic }),
      ...(alarmEmail !== undefined && { email: alarmEmail }),
    });
    const { dashboard } = new Dashboard(this, 'Dashboard', {
      ...settings,
      metrics,
      alarms,
      deadLetters,
      functions,
      deployment,
    });
    new LogQueries(this, 'Queries', { functions, deployment });
    this.landingsQueue = landings.queue;
    this.eventBus = events.bus;
    this.alarmTopic = alarms.topic;
    this.pageTopic = alarms.pageTopic;
    this.dashboard = dashboard;
  }

  /** Lets a run ask for the right to write: for both systems, or only for the one that is named. */
  grantAssign(grantee: IGrantable, system?: System): Grant {
    return this.aliases.grantInvoke('assign', grantee, system);
  }

  /** Lets a run report what it has staged. */
  grantLand(grantee: IGrantable, system?: System): Grant {
    return this.aliases.grantInvoke('land', grantee, system);
  }

  /** Lets a run confirm what it has published. */
  grantPublished(grantee: IGrantable, system?: System): Grant {
    return this.aliases.grantInvoke('published', grantee, system);
  }

  /** Lets landings be sent to the queue. It cannot be narrowed to one system: `grantLand` can. */
  grantReport(grantee: IGrantable): Grant {
    return this.landingsQueue.grantSendMessages(grantee);
  }

  grantRegister(grantee: IGrantable): Grant {
    return this.functions.byName.register.grantInvokeLatestVersion(grantee);
  }

  /** One verb at a time: who may hold may not promote. A plain invoke names its actor itself. */
  grantOverride(verb: Override, grantee: IGrantable): Grant {
    return this.functions.byName[verb].grantInvokeLatestVersion(grantee);
  }

  /** The same verb through its URL, and only there: the record bears the caller's own ARN, which AWS vouches for. */
  grantVerifiedOverride(verb: Override, grantee: IGrantable): Grant {
    return this.operatorUrls.grantInvoke(verb, grantee);
  }

  /** Lets everything be read and nothing be changed: all tables and indexes, `explain`, `owed` and the widget. */
  grantRead(grantee: IGrantable): Grant {
    const statements = statementsFor(this.tables, READ_EVERYTHING);
    for (const statement of statements) grantee.grantPrincipal.addToPrincipalPolicy(statement);
    const { explain, owed, widget } = this.functions.byName;
    const grants = [explain, owed, widget].map((reader) => reader.grantInvokeLatestVersion(grantee));
    return grants.reduce((all, grant) => all.combine(grant));
  }

  /** Sweeps that were started. */
  metricSweeps(options?: MetricOptions): IMetric {
    return this.#metrics.sweeps(options);
  }

  /** Milliseconds that the longest evaluation took. */
  metricEvaluationTime(options?: MetricOptions): IMetric {
    return this.#metrics.evaluationTime(options);
  }

  metricEvaluationsFailed(options?: MetricOptions): IMetric {
    return this.#metrics.evaluationsFailed(options);
  }

  /** Milliseconds between a landing and its evidence, at most. */
  metricEvidenceLag(options?: MetricOptions): IMetric {
    return this.#metrics.evidenceLag(options);
  }

  /** A count of the last sweep over the whole fleet, such as `StuckJobs`. */
  metricFleet(name: FleetMetric, options?: MetricOptions): IMetric {
    return this.#metrics.fleet(name, options);
  }
}
