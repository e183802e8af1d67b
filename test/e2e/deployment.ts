/**
 * `crossfade local` as a user runs it: a process of its own, reached over its endpoint with the real AWS SDK. Used by the
 * end-to-end tests, which know nothing of the code inside.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';

const START_MS = 30_000;
const CLI = new URL('../../bin/crossfade.ts', import.meta.url);

/** The parts of the functions' answers that these tests look at. */
export interface Answer {
  write: 'production' | 'shadow' | 'nothing';
  token: string;
  accepted: boolean;
  results: unknown[];
  partitions: unknown[];
}

export interface Deployment {
  url: string;
  process: ChildProcess;
  invoke: (name: string, payload: object) => Promise<Answer>;
  phaseOf: (jobId: string) => Promise<string | undefined>;
}

export async function startDeployment(dataDir: string, policiesDir: string): Promise<Deployment> {
  const args = ['local', '--port', '0', '--data', dataDir, '--every', '1h', '--policies', policiesDir];
  const child = spawn(process.execPath, [CLI.pathname, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const url = await readUrl(child);
  const config = {
    endpoint: url,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  };
  const lambda = new LambdaClient(config);
  const dynamo = new DynamoDBClient(config);
  return {
    url,
    process: child,
    async invoke(name, payload) {
      const answer = await lambda.send(
        new InvokeCommand({ FunctionName: name, Payload: new TextEncoder().encode(JSON.stringify(payload)) }),
      );
      const text = new TextDecoder().decode(answer.Payload);
      if (answer.FunctionError) throw new Error(`${name}: ${text}`);
      return JSON.parse(text);
    },
    async phaseOf(jobId) {
      const key = { jobId: { S: jobId }, record: { S: 'job' } };
      const answer = await dynamo.send(
        new GetItemCommand({ TableName: 'crossfade-jobs', Key: key, ConsistentRead: true }),
      );
      return answer.Item?.phase?.S;
    },
  };
}

/** As `kill -9` does: nothing is told to stop. */
export async function killDeployment({ process: child }: Deployment): Promise<void> {
  child.kill('SIGKILL');
  await once(child, 'exit');
}

export async function stopDeployment({ process: child }: Deployment): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  child.kill('SIGINT');
  const [code] = (await once(child, 'exit')) as [number | null];
  return code;
}

async function readUrl(child: ChildProcess): Promise<string> {
  let output = '';
  const found = new Promise<string>((resolve, reject) => {
    const read = (chunk: Buffer) => {
      output += chunk.toString();
      const url = /http:\/\/127\.0\.0\.1:\d+/.exec(output)?.[0];
      if (url) resolve(url);
    };
    child.stdout?.on('data', read);
    child.stderr?.on('data', read);
    child.once('exit', (code) => reject(new Error(`crossfade local ended with ${code}:\n${output}`)));
    setTimeout(
      () => reject(new Error(`crossfade local printed no endpoint within ${START_MS} ms:\n${output}`)),
      START_MS,
    ).unref();
  });
  return found;
}
