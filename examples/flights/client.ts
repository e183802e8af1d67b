/**
 * How a pipeline talks to the controller: four Lambda functions, invoked with the AWS SDK, against AWS or against a
 * local runtime (`AWS_ENDPOINT_URL`, or an endpoint given by hand). Deliberately without an import from `lib`: this is
 * all that an integration needs to know. `pipeline.ts` is its caller, whose tests put a controller of their own in its
 * place; `operations.ts` uses the same connection for what people do.
 */
import { InvokeCommand, LambdaClient, type LambdaClientConfig } from '@aws-sdk/client-lambda';

export type System = 'old' | 'new';

export interface PartitionId {
  jobId: string;
  partition: string;
}

export interface AssignRequest extends PartitionId {
  system: System;
  readyAt?: string;
  runId?: string;
}

export interface Assignment extends PartitionId {
  write: 'production' | 'shadow' | 'nothing';
  /** The table to publish to, where the job was registered with targets. */
  target?: string;
  /** The right to write, to be shown with everything that follows; absent where there is nothing to write. */
  token?: string;
  phase: string;
  epoch: number;
  /** What this system has already landed for the partition. */
  landed?: { attempt: number; token: string; rowCount: number; checksum: string };
}

export interface LandRequest extends PartitionId {
  system: System;
  token: string;
  attempt: number;
  rowCount: number;
  checksum: string;
  checksumAlgorithm: string;
  landedAt: string;
  startedAt: string;
  computeSeconds: number;
  storageBytes: number;
  kind: 'scheduled' | 'backfill';
  release: string;
  runId: string;
}

export interface Refused {
  code: string;
  message: string;
}

export type LandAnswer = { accepted: true; table: 'production' | 'shadow' } | ({ accepted: false } & Refused);

export interface PublishedRequest extends PartitionId {
  system: System;
  token: string;
  checksum: string;
}

export type PublishedAnswer = { ok: true } | ({ ok: false } & Refused);

export interface OwedPartition extends PartitionId {
  system: System;
  reason: string;
  since: string;
}

/** Answers come in the order of the items asked about, one for each. */
export interface Controller {
  assign(items: readonly AssignRequest[]): Promise<(Assignment | Refused)[]>;
  land(items: readonly LandRequest[]): Promise<LandAnswer[]>;
  published(items: readonly PublishedRequest[]): Promise<PublishedAnswer[]>;
  owed(system: System): Promise<OwedPartition[]>;
}

/** An item that the controller could not take; those beside it are answered as usual. */
interface ItemError {
  error: Refused & { field?: string };
}

/** The most that one call takes. */
const BATCH_SIZE = 100;
/** The most that one call lists. The list has no second page: what is worked off makes room for the rest. */
const OWED_LIMIT = 1_000;

/** What a local runtime accepts from anybody; it has no AWS account to check it against. */
const LOCAL_CONFIG: LambdaClientConfig = {
  region: 'us-east-1',
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
};

/** @param endpoint of a local runtime; by default whatever the AWS SDK finds in its environment. */
export function connectController(endpoint?: string): Controller {
  const lambda = connectLambda(endpoint);
  return {
    assign: async (items) => {
      const answers = await invokeBatch<Assignment>(lambda, 'assign', items);
      return answers.map((answer) => ('error' in answer ? answer.error : answer));
    },
    land: async (items) => {
      const answers = await invokeBatch<LandAnswer>(lambda, 'land', items);
      return answers.map((answer) => ('error' in answer ? { accepted: false, ...answer.error } : answer));
    },
    published: async (items) => {
      const answers = await invokeBatch<PublishedAnswer>(lambda, 'published', items);
      return answers.map((answer) => ('error' in answer ? { ok: false, ...answer.error } : answer));
    },
    owed: async (system) => {
      const { partitions } = await invoke<{ partitions: OwedPartition[] }>(lambda, 'owed', {
        system,
        limit: OWED_LIMIT,
      });
      return partitions;
    },
  };
}

export function connectLambda(endpoint?: string): LambdaClient {
  return new LambdaClient(endpoint === undefined ? {} : { ...LOCAL_CONFIG, endpoint });
}

async function invokeBatch<Answer>(
  lambda: LambdaClient,
  name: string,
  items: readonly object[],
): Promise<(Answer | ItemError)[]> {
  const answers: (Answer | ItemError)[] = [];
  for (let from = 0; from < items.length; from += BATCH_SIZE) {
    const batch = items.slice(from, from + BATCH_SIZE);
    const { results } = await invoke<{ results: (Answer | ItemError)[] }>(lambda, name, { batch });
    if (results.length !== batch.length) {
      throw new Error(`${name} answered ${results.length} of ${batch.length} items: cannot tell which is which`);
    }
    answers.push(...results);
  }
  return answers;
}

/** One call of a function; a refusal is an answer, an error of the function itself is thrown. */
export async function invoke<Answer>(lambda: LambdaClient, name: string, payload: unknown): Promise<Answer> {
  const output = await lambda.send(new InvokeCommand({ FunctionName: name, Payload: JSON.stringify(payload) }));
  const text = output.Payload?.transformToString() ?? '';
  if (output.FunctionError !== undefined) throw new Error(`${name} failed: ${text}`);
  return JSON.parse(text);
}
