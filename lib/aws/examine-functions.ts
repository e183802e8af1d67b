/**
 * Whether the functions of a deployment answer, and how they are configured. What each is asked comes from the caller and
 * changes nothing; a function without a question is only asked whether it could be invoked (Lambda's dry run).
 */
import {
  GetFunctionConfigurationCommand,
  InvokeCommand,
  type LambdaClient,
  ListEventSourceMappingsCommand,
} from '@aws-sdk/client-lambda';
import pMap from 'p-map';
import { ask, type Seen } from './asking.ts';

export interface Configuration {
  /** `Active`, and what became of the last update: `Successful`. */
  state: string;
  update: string;
  version: string;
  codeHash: string;
  /** With their versions. */
  layers: string[];
  /** Only of the function that the schedule starts. */
  intervalSeconds?: number;
}

export interface FunctionExamined {
  /** The answer; `undefined` where there was no question. */
  answer: Seen<unknown>;
  configuration?: Seen<Configuration>;
  /** State of each queue or stream that feeds it, where one should: `Enabled`. */
  sources?: Seen<string[]>;
}

export interface FunctionQuestion {
  /** Short name, such as `fan-out`. */
  name: string;
  payload?: object;
  fed?: boolean;
}

const CONCURRENCY = 8;

export async function examineFunctions(
  client: LambdaClient,
  questions: readonly FunctionQuestion[],
  nameOf: (name: string) => string | undefined,
  local: boolean,
): Promise<Map<string, FunctionExamined>> {
  const examined = await pMap(
    questions,
    async ({ name, payload, fed }): Promise<[string, FunctionExamined]> => {
      const deployed = nameOf(name);
      if (deployed === undefined) return [name, { answer: { kind: 'missing' } }];
      const answer = await ask(`lambda:InvokeFunction on ${deployed}`, () => invoke(client, deployed, payload));
      if (local) return [name, { answer }];
      const configuration = await examineConfiguration(client, deployed);
      if (!fed) return [name, { answer, configuration }];
      const sources = await ask(`lambda:ListEventSourceMappings on ${deployed}`, () => listSources(client, deployed));
      return [name, { answer, configuration, sources }];
    },
    { concurrency: CONCURRENCY },
  );
  return new Map(examined);
}

/** Of a function, or of the version behind an alias when its ARN is given. */
export function examineConfiguration(client: LambdaClient, name: string): Promise<Seen<Configuration>> {
  return ask(`lambda:GetFunctionConfiguration on ${name}`, async () => {
    const found = await client.send(new GetFunctionConfigurationCommand({ FunctionName: name }));
    const interval = Number(found.Environment?.Variables?.CROSSFADE_SWEEP_INTERVAL_SECONDS);
    return {
      state: found.State ?? 'unknown',
      update: found.LastUpdateStatus ?? 'unknown',
      version: found.Version ?? 'unknown',
      codeHash: found.CodeSha256 ?? 'unknown',
      layers: (found.Layers ?? []).map((layer) => layer.Arn ?? 'unknown'),
      ...(interval > 0 && { intervalSeconds: interval }),
    };
  });
}

export async function invoke(client: LambdaClient, name: string, payload: object | undefined): Promise<unknown> {
  const command = new InvokeCommand({
    FunctionName: name,
    ...(payload === undefined
      ? { InvocationType: 'DryRun' }
      : { Payload: new TextEncoder().encode(JSON.stringify(payload)) }),
  });
  const { FunctionError, Payload } = await client.send(command);
  if (payload === undefined) return undefined;
  const text = new TextDecoder().decode(Payload);
  if (FunctionError) throw new Error(`it failed: ${text.slice(0, 500)}`);
  return JSON.parse(text);
}

async function listSources(client: LambdaClient, name: string): Promise<string[]> {
  const { EventSourceMappings = [] } = await client.send(new ListEventSourceMappingsCommand({ FunctionName: name }));
  return EventSourceMappings.map((mapping) => mapping.State ?? 'unknown');
}
