/**
 * A deployment as the command line reaches it: the tables to read, the functions to invoke. Found by the outputs of a stack,
 * or at the endpoint of a `crossfade local`. Everything that changes something goes through a function.
 */
import { CloudFormationClient, DescribeStacksCommand } from '@aws-sdk/client-cloudformation';
import { GetFunctionConcurrencyCommand, InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import type { ClaimStore, FleetStore, JobStore } from '../controller/ports.ts';
import type { KeptPorts, LivePorts } from '../controller/restore.ts';
import { createClaimStore } from './claim-store.ts';
import { createDocumentClient } from './client.ts';
import { createEvidenceStore } from './evidence-store.ts';
import { createFleetStore } from './fleet-store.ts';
import { createJobStore } from './job-store.ts';
import { callUrl } from './operator-url.ts';
import { type TableNames, tableNames } from './tables.ts';

export interface Deployment {
  /** For people: which deployment this is. */
  name: string;
  jobs: JobStore;
  claims: ClaimStore;
  fleet: FleetStore;
  /** To write the tables themselves, and to read those that were restored, by their names; by default the same ones. */
  restoring(restored: Partial<TableNames>): { live: LivePorts; kept: KeptPorts };
  /** Of the functions that write jobs or claims, those that are not shut, by their short names; absent where none can be. */
  listOpenFunctions?(): Promise<string[]>;
  /** @throws when the function fails; refusals are in its answer. */
  invoke(name: string, payload: object): Promise<Record<string, unknown>>;
  /** A verb of an operator, as whom AWS vouches for; absent where nobody does. */
  invokeVerified?(verb: string, payload: object): Promise<Record<string, unknown>>;
}

/** Where a deployment is: the URL of a `crossfade local`, or the name of a stack. */
export type Target = { local: string } | { stack: string };

/** As docs/runbook.md shuts them. People's verbs are not among them: people can be told. */
export const SHUT_FOR_RESTORE = ['assign', 'land', 'published', 'ingest', 'fan-out', 'evaluate', 'commit', 'hook'];

/** `crossfade local` accepts any. */
export const LOCAL_ACCESS = { region: 'us-east-1', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } };
const LOCAL_PREFIX = 'crossfade';
/** The functions themselves are given up to a minute. */
const REQUEST_TIMEOUT_MS = 65_000;

export function connectLocal(url: string): Deployment {
  const access = { endpoint: url, ...LOCAL_ACCESS };
  return connect(`crossfade local at ${url}`, access, tableNames(LOCAL_PREFIX), (name) => `${LOCAL_PREFIX}-${name}`);
}

/**
 * The stack's outputs name its tables (`TableJobs`, ...) and functions (`FunctionAssign`, ...).
 * @throws when there is no such stack, or its outputs are not Crossfade's.
 */
export async function connectStack(stack: string): Promise<Deployment> {
  const { Stacks } = await new CloudFormationClient({}).send(new DescribeStacksCommand({ StackName: stack }));
  const outputs = new Map((Stacks?.[0]?.Outputs ?? []).map((output) => [output.OutputKey, output.OutputValue]));
  const find = (key: string): string => {
    const value = outputs.get(key);
    if (value === undefined)
      throw new Error(`stack ${stack} has no output ${key}: is it a Crossfade stack of this version?`);
    return value;
  };
  const tables = {
    jobs: find('TableJobs'),
    landings: find('TableLandings'),
    evidence: find('TableEvidence'),
    fleet: find('TableFleet'),
  };
  const deployment = connect(`stack ${stack}`, {}, tables, (name) => find(functionOutput(name)));
  const lambda = new LambdaClient({});
  return {
    ...deployment,
    async listOpenFunctions() {
      const open: string[] = [];
      for (const name of SHUT_FOR_RESTORE) {
        const FunctionName = find(functionOutput(name));
        const { ReservedConcurrentExecutions } = await lambda.send(new GetFunctionConcurrencyCommand({ FunctionName }));
        if (ReservedConcurrentExecutions !== 0) open.push(name);
      }
      return open;
    },
    invokeVerified: (verb, payload) => callUrl(lambda, find(`Url${titled(verb)}`), payload),
  };
}

/** `fan-out` -> `FunctionFanOut`. */
export function functionOutput(name: string): string {
  return `Function${titled(name)}`;
}

function titled(name: string): string {
  return name
    .split('-')
    .map((part) => part.charAt(0).toUpperCase() + part.slice(1))
    .join('');
}

function connect(
  name: string,
  access: { endpoint?: string } & Partial<typeof LOCAL_ACCESS>,
  tables: TableNames,
  functionName: (name: string) => string,
): Deployment {
  const client = createDocumentClient(access);
  const lambda = new LambdaClient({ ...access, requestHandler: { requestTimeout: REQUEST_TIMEOUT_MS } });
  return {
    name,
    jobs: createJobStore(client, tables),
    claims: createClaimStore(client, tables),
    fleet: createFleetStore(client, tables),
    restoring(restored) {
      const live = {
        jobs: this.jobs,
        claims: this.claims,
        evidence: createEvidenceStore(client, tables),
        fleet: this.fleet,
      };
      const from = { ...tables, ...restored };
      return {
        live,
        kept: {
          jobs: restored.jobs === undefined ? this.jobs : createJobStore(client, from),
          claims: restored.landings === undefined ? this.claims : createClaimStore(client, from),
        },
      };
    },
    async invoke(verb, payload) {
      const command = new InvokeCommand({
        FunctionName: functionName(verb),
        Payload: new TextEncoder().encode(JSON.stringify(payload)),
      });
      const answer = await lambda.send(command);
      const text = new TextDecoder().decode(answer.Payload);
      if (answer.FunctionError) throw new Error(`${verb} failed: ${text}`);
      return JSON.parse(text) as Record<string, unknown>;
    },
  };
}
