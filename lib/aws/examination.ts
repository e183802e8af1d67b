/**
 * Everything that `crossfade doctor` looks at in a deployment, gathered and not judged (`lib/cli/doctor.ts` does that). It
 * changes nothing: descriptions, reads of the fleet's records, and the questions to functions that its caller chose.
 */
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { DescribeStateMachineCommand, SFNClient } from '@aws-sdk/client-sfn';
import { SQSClient } from '@aws-sdk/client-sqs';
import type { Ledger, ShardSummary } from '../controller/ports.ts';
import { ask, type ClockReading, limits, type Seen, watchClock } from './asking.ts';
import { createDocumentClient } from './client.ts';
import { functionOutput, LOCAL_ACCESS, type Target } from './deployment.ts';
import type { Configuration, FunctionExamined, FunctionQuestion } from './examine-functions.ts';
import { examineConfiguration, examineFunctions, invoke } from './examine-functions.ts';
import { examineLocalQueues, examineStackQueues, type QueuesExamined } from './examine-queues.ts';
import { examineTables, type TablesExamined } from './examine-tables.ts';
import { createFleetStore } from './fleet-store.ts';
import { createJobStore } from './job-store.ts';
import { type TableNames, tableNames } from './tables.ts';

/** The policy that a deployment holds one of its jobs to. */
export interface PolicySeen {
  jobId: string;
  name: string;
  hash: string;
}

export interface Examination {
  local: boolean;
  /** Absent where there is no stack. */
  stackStatus?: string;
  clock: ClockReading;
  tables: TablesExamined;
  functions: Map<string, FunctionExamined>;
  /** By output, such as `AliasAssignOld`; none where there are no aliases. */
  aliases: Map<string, Seen<Configuration>>;
  stateMachine?: Seen<string>;
  queues: QueuesExamined;
  /** Newest first. */
  ledgers: Seen<Ledger[]>;
  summaries: Seen<ShardSummary[]>;
  /** One for each policy that the jobs which were looked at have. */
  policies: Seen<PolicySeen[]>;
}

/** As many as a person would wait for while sweeps follow each other quickly. */
const LEDGERS_READ = 12;
/** Shards in which jobs are looked for, to learn the policies by. */
const SHARDS_READ = 4;
/** The functions themselves give up after 30 s. */
const INVOKE_TIMEOUT_MS = 35_000;

/** @throws when the stack cannot be described, or is not there: then there is nothing to examine. */
export async function examine(
  target: Target,
  questions: readonly FunctionQuestion[],
  now: () => number,
): Promise<Examination> {
  const local = 'local' in target;
  const access = { ...(local && { endpoint: target.local, ...LOCAL_ACCESS }), ...limits() };
  const formation = new CloudFormationClient(access);
  const { status, outputs } = local ? LOCAL_STACK : await describeStack(formation, target.stack);
  const names = local ? tableNames('crossfade') : tablesFrom(outputs);
  const nameOf = (name: string) => (local ? `crossfade-${name}` : outputs.get(functionOutput(name)));
  const clock: ClockReading = {};
  const dynamo = new DynamoDBClient(access);
  watchClock(dynamo, clock, now);
  const lambda = new LambdaClient({ ...access, ...limits(INVOKE_TIMEOUT_MS) });
  const sqs = new SQSClient(access);
  const fleet = createFleetStore(createDocumentClient(access), names);
  const aliasArns = [...outputs].filter(([key]) => key.startsWith('Alias'));
  const machine = outputs.get('StateMachine');

  const [tables, functions, queues, ledgers, summaries] = await Promise.all([
    examineTables(dynamo, names, local),
    examineFunctions(lambda, questions, nameOf, local),
    local ? examineLocalQueues(sqs) : examineStackQueues(sqs, formation, target.stack, outputs.get('LandingsQueueUrl')),
    ask(`dynamodb:Query on ${names.fleet}`, () => fleet.listLedgers(LEDGERS_READ)),
    ask(`dynamodb:Query on ${names.fleet}`, () => fleet.listSummaries()),
  ]);
  const aliases = await Promise.all(
    aliasArns.map(async ([key, arn]) => [key, await examineConfiguration(lambda, arn)] as const),
  );
  const jobs = createJobStore(createDocumentClient(access), names);
  const explain = nameOf('explain') ?? 'explain';
  const policies = await ask(`lambda:InvokeFunction on ${explain} and dynamodb:Query on ${names.jobs}`, async () => {
    const filled = summaries.kind === 'seen' ? summaries.value.toSorted((a, b) => b.jobs - a.jobs) : [];
    const pages = await Promise.all(filled.slice(0, SHARDS_READ).map(({ shard }) => jobs.listShard(shard)));
    const examples = new Map(pages.flatMap(({ items }) => items.map((job) => [job.policy, job.jobId] as const)));
    return Promise.all([...examples.values()].map((jobId) => policyOf(lambda, explain, jobId)));
  });
  return {
    local,
    ...(status !== undefined && { stackStatus: status }),
    clock,
    tables,
    functions,
    aliases: new Map(aliases),
    ...(machine !== undefined && { stateMachine: await describeMachine(machine, access) }),
    queues,
    ledgers,
    summaries,
    policies,
  };
}

const LOCAL_STACK = { status: undefined, outputs: new Map<string, string>() };

async function describeStack(client: CloudFormationClient, stack: string) {
  const { Stacks } = await client.send(new DescribeStacksCommand({ StackName: stack }));
  const outputs = (Stacks?.[0]?.Outputs ?? []).map(
    ({ OutputKey = '', OutputValue = '' }) => [OutputKey, OutputValue] as const,
  );
  return { status: Stacks?.[0]?.StackStatus, outputs: new Map(outputs) };
}

/** One that has no output is described by its output's name, and so is missing. */
function tablesFrom(outputs: ReadonlyMap<string, string>): TableNames {
  const find = (key: string) => outputs.get(key) ?? key;
  const [jobs, landings] = [find('TableJobs'), find('TableLandings')];
  return { jobs, landings, evidence: find('TableEvidence'), fleet: find('TableFleet') };
}

async function policyOf(client: LambdaClient, explain: string, jobId: string): Promise<PolicySeen> {
  const { policy, error } = (await invoke(client, explain, { jobId })) as {
    policy?: { name: string; hash: string };
    error?: { message: string };
  };
  if (policy) return { jobId, name: policy.name, hash: policy.hash };
  throw new Error(`explain of ${jobId}: ${error?.message ?? 'no policy in its answer'}`);
}

function describeMachine(arn: string, access: ReturnType<typeof limits>): Promise<Seen<string>> {
  return ask(`states:DescribeStateMachine on ${arn}`, async () => {
    const { status = 'unknown' } = await new SFNClient(access).send(
      new DescribeStateMachineCommand({ stateMachineArn: arn }),
    );
    return status;
  });
}
