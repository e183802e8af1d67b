/** The queue of landings and the queues behind it: whether they are there, and how much waits. Receives and deletes nothing. */
import type { CloudFormationClient } from '@aws-sdk/client-cloudformation';
import { paginateListStackResources } from '@aws-sdk/client-cloudformation';
import { GetQueueAttributesCommand, GetQueueUrlCommand, type SQSClient } from '@aws-sdk/client-sqs';
import { ask, type Seen } from './asking.ts';

export interface QueuesExamined {
  /** Messages that wait in the queue of landings. */
  landings: Seen<number>;
  /** The dead letters by name of their queue; as a whole not seen when the queues could not be listed. */
  deadLetters: Seen<{ name: string; messages: Seen<number> }[]>;
}

const LOCAL_LANDINGS = 'crossfade-landings';
const LOCAL_DEAD_LETTERS = 'crossfade-landings-dead-letters';

export async function examineLocalQueues(client: SQSClient): Promise<QueuesExamined> {
  const count = (name: string) =>
    ask(`sqs:GetQueueUrl on ${name}`, async () => {
      const { QueueUrl } = await client.send(new GetQueueUrlCommand({ QueueName: name }));
      return countMessages(client, QueueUrl ?? '');
    });
  const [landings, letters] = await Promise.all([count(LOCAL_LANDINGS), count(LOCAL_DEAD_LETTERS)]);
  return { landings, deadLetters: { kind: 'seen', value: [{ name: LOCAL_DEAD_LETTERS, messages: letters }] } };
}

/** Every queue of the stack but that of landings keeps what went wrong. */
export async function examineStackQueues(
  client: SQSClient,
  formation: CloudFormationClient,
  stack: string,
  landingsUrl: string | undefined,
): Promise<QueuesExamined> {
  const count = (url: string) =>
    ask(`sqs:GetQueueAttributes on ${url.split('/').at(-1)}`, () => countMessages(client, url));
  const landings = landingsUrl === undefined ? ({ kind: 'missing' } as const) : await count(landingsUrl);
  const listed = await ask(`cloudformation:ListStackResources on ${stack}`, () => listQueues(formation, stack));
  if (listed.kind !== 'seen') return { landings, deadLetters: listed };
  const behind = listed.value.filter(({ url }) => url !== landingsUrl);
  const value = await Promise.all(behind.map(async ({ name, url }) => ({ name, messages: await count(url) })));
  return { landings, deadLetters: { kind: 'seen', value } };
}

async function countMessages(client: SQSClient, url: string): Promise<number> {
  const command = new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['ApproximateNumberOfMessages'] });
  const { Attributes } = await client.send(command);
  return Number(Attributes?.ApproximateNumberOfMessages ?? 0);
}

async function listQueues(client: CloudFormationClient, stack: string): Promise<{ name: string; url: string }[]> {
  const queues: { name: string; url: string }[] = [];
  for await (const { StackResourceSummaries = [] } of paginateListStackResources({ client }, { StackName: stack })) {
    for (const { ResourceType, LogicalResourceId = '', PhysicalResourceId = '' } of StackResourceSummaries) {
      // `CrossfadeLandingsRefused1A2B3C4D`: the hash at the end says nothing to anybody.
      const name = LogicalResourceId.replace(/[0-9A-F]{8}$/, '');
      if (ResourceType === 'AWS::SQS::Queue') queues.push({ name, url: PhysicalResourceId });
    }
  }
  return queues;
}
