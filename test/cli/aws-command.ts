/**
 * A program called `aws` for a shell's PATH, so that documented blocks run as they are written, loops and quotes included: the
 * AWS CLI of this machine with the endpoint to use, or where there is none a stand-in that hands its arguments to this
 * process, which carries out the few commands that the documents show with the SDK. An option that is not known here fails
 * the block.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { delimiter, join } from 'node:path';
import { DynamoDBClient, GetItemCommand, QueryCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';

const WITH_ENDPOINT = `#!/usr/bin/env bash
exec "$AWS_COMMAND_PROGRAM" --endpoint-url "$AWS_COMMAND_ENDPOINT" "$@"
`;

export interface AwsCli {
  program: string;
  version: string;
}

/** Version 2, for which the documents are written; another version may come before it on the PATH. */
export function findAwsCli(): AwsCli | undefined {
  for (const folder of (process.env.PATH ?? '').split(delimiter)) {
    const program = join(folder, 'aws');
    if (!existsSync(program)) continue;
    const { stdout } = spawnSync(program, ['--version'], { encoding: 'utf8', timeout: 60_000 });
    const [, version] = /^aws-cli\/(2\.\S+)/.exec(stdout ?? '') ?? [];
    if (version) return { program, version };
  }
  return undefined;
}

export interface AwsCommand {
  env: Record<string, string>;
  close(): Promise<void>;
}

/** Without the settings of whoever runs the test: `folder` is its home. */
export function useAwsCli({ program }: AwsCli, folder: string, endpoint: string): AwsCommand {
  writeProgram(folder, WITH_ENDPOINT);
  const access = { AWS_ACCESS_KEY_ID: 'local', AWS_SECRET_ACCESS_KEY: 'local', AWS_DEFAULT_REGION: 'us-east-1' };
  return {
    env: {
      ...access,
      PATH: `${folder}:${process.env.PATH}`,
      HOME: folder,
      AWS_PAGER: '',
      AWS_COMMAND_PROGRAM: program,
      AWS_COMMAND_ENDPOINT: endpoint,
    },
    close: async () => undefined,
  };
}

function writeProgram(folder: string, text: string): void {
  const program = join(folder, 'aws');
  writeFileSync(program, text);
  chmodSync(program, 0o755);
}

/** bash alone, since it is started a hundred times: arguments out, their count first; the exit status and the output back. */
const PROGRAM = `#!/usr/bin/env bash
exec 3<>"/dev/tcp/127.0.0.1/$AWS_COMMAND_PORT"
printf '%s\\0' "$#" "$@" >&3
IFS= read -r status <&3
cat <&3
exit "$status"
`;

const FLAGS = new Set(['no-scan-index-forward', 'consistent-read']);
const JSON_OPTIONS = new Set(['expression-attribute-values', 'expression-attribute-names', 'key']);

export async function startAwsStandIn(folder: string, endpoint: string): Promise<AwsCommand> {
  const access = { endpoint, region: 'us-east-1', credentials: { accessKeyId: 'local', secretAccessKey: 'local' } };
  const dynamo = new DynamoDBClient(access);
  const lambda = new LambdaClient(access);

  async function run([service, operation, ...rest]: string[]): Promise<string> {
    const { ScanIndexForward, ...input } = optionsOf(rest);
    const command = `${service} ${operation}`;
    if (command === 'dynamodb get-item') return json(await dynamo.send(new GetItemCommand(input as never)));
    if (command === 'dynamodb scan') return json(await dynamo.send(new ScanCommand(input as never)));
    if (command === 'dynamodb query') {
      return json(await dynamo.send(new QueryCommand({ ...input, ScanIndexForward } as never)));
    }
    if (command === 'lambda invoke') {
      const { FunctionName, Payload } = input;
      const sent = { FunctionName: String(FunctionName), Payload: new TextEncoder().encode(String(Payload)) };
      return new TextDecoder().decode((await lambda.send(new InvokeCommand(sent))).Payload);
    }
    throw new Error(`aws ${command} is not known to this test`);
  }

  const server = createServer((socket) => {
    void readArguments(socket)
      .then(run)
      .then((text) => socket.end(`0\n${text}\n`))
      .catch((error: unknown) => socket.end(`254\n${String(error)}\n`));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  writeProgram(folder, PROGRAM);
  const { port } = server.address() as { port: number };
  return {
    env: { PATH: `${folder}:${process.env.PATH}`, AWS_COMMAND_PORT: String(port) },
    close: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}

function readArguments(socket: Socket): Promise<string[]> {
  return new Promise((resolve, reject) => {
    let text = '';
    socket.setEncoding('utf8');
    socket.on('error', reject);
    socket.on('data', (chunk) => {
      text += chunk;
      const [count = '', ...args] = text.split('\0');
      if (args.length > Number(count)) resolve(args.slice(0, Number(count)));
    });
  });
}

/** `--table-name x` -> `{TableName: 'x'}`. */
function optionsOf(args: string[]): Record<string, unknown> {
  const options: Record<string, unknown> = {};
  for (let i = 0; i < args.length; i++) {
    const name = args[i]!.replace(/^--/, '');
    if (args[i] === '/dev/stdout' || name === 'cli-binary-format') {
      if (name === 'cli-binary-format') i += 1;
    } else if (name === 'no-scan-index-forward') options.ScanIndexForward = false;
    else if (FLAGS.has(name)) options[pascal(name)] = true;
    else {
      const value = args[++i]!;
      options[pascal(name)] = JSON_OPTIONS.has(name) ? JSON.parse(value) : name === 'limit' ? Number(value) : value;
    }
  }
  return options;
}

function pascal(name: string): string {
  return name.replace(/(^|-)([a-z])/g, (_, _dash, letter: string) => letter.toUpperCase());
}

function json({ $metadata: _, ...answer }: { $metadata: unknown }): string {
  return JSON.stringify(answer);
}
