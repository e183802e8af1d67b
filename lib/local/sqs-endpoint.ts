/**
 * SQS's JSON protocol for the two queues: sending to the landings queue is ingesting, the dead-letter queue can be sent
 * to, received from and deleted from. Other operations are refused by name.
 */
import { AwsError } from './aws-error.ts';
import type { DeadLetters, Message, MessageAttribute } from './dead-letters.ts';
import { ACCOUNT, DEAD_LETTER_QUEUE, LANDINGS_QUEUE, queueArn } from './names.ts';
import { type LandingsQueue, md5, newMessage } from './queue.ts';

export interface SqsParts {
  /** Of the endpoint itself: queue URLs begin with it. */
  url: () => string;
  queue: Pick<LandingsQueue, 'send'>;
  deadLetters: DeadLetters;
  now: () => number;
}

interface Entry {
  Id: string;
  MessageBody: string;
  MessageAttributes?: Record<string, MessageAttribute>;
}

type Request = Record<string, unknown>;

const MAX_MESSAGE_BYTES = 1_048_576;
const MAX_ENTRIES = 10;
const QUEUES = [LANDINGS_QUEUE, DEAD_LETTER_QUEUE];

export function queueUrl(url: string, name: string): string {
  return `${url}/${ACCOUNT}/${name}`;
}

export async function answerSqs(parts: SqsParts, operation: string, request: Request): Promise<object> {
  const { url, deadLetters, now } = parts;
  switch (operation) {
    case 'ListQueues':
      return { QueueUrls: QUEUES.map((name) => queueUrl(url(), name)) };
    case 'GetQueueUrl':
      return { QueueUrl: queueUrl(url(), knownQueue(request.QueueName)) };
    case 'GetQueueAttributes': {
      const name = queueOf(request);
      const count = name === DEAD_LETTER_QUEUE ? deadLetters.size : 0;
      return { Attributes: { QueueArn: queueArn(name), ApproximateNumberOfMessages: String(count) } };
    }
    case 'SendMessage': {
      const { Id: _, ...sent } = await sendOne(parts, queueOf(request), request as unknown as Entry);
      return sent;
    }
    case 'SendMessageBatch':
      return { Successful: await sendAll(parts, queueOf(request), checkEntries(request.Entries)), Failed: [] };
    case 'ReceiveMessage': {
      // What is sent to the landings queue is handed over at once, so nobody ever finds anything there.
      if (queueOf(request) === LANDINGS_QUEUE) return {};
      const limit = Math.min(MAX_ENTRIES, Number(request.MaxNumberOfMessages ?? 1));
      const letters = deadLetters.receive(limit, Number(request.VisibilityTimeout ?? 30), now());
      return letters.length === 0 ? {} : { Messages: letters.map(received) };
    }
    case 'DeleteMessage':
      if (queueOf(request) === DEAD_LETTER_QUEUE) deadLetters.delete(String(request.ReceiptHandle));
      return {};
    default:
      throw new AwsError('UnsupportedOperation', `AmazonSQS.${operation} is not there in crossfade local`);
  }
}

async function sendOne(parts: SqsParts, queue: string, entry: Entry) {
  const [sent] = await sendAll(parts, queue, [entry]);
  return sent as NonNullable<typeof sent>;
}

async function sendAll({ queue, deadLetters, now }: SqsParts, name: string, entries: Entry[]) {
  const bytes = entries.reduce((sum, entry) => sum + Buffer.byteLength(entry.MessageBody ?? ''), 0);
  if (bytes > MAX_MESSAGE_BYTES) {
    throw new AwsError(
      entries.length > 1 ? 'BatchRequestTooLong' : 'InvalidParameterValue',
      `The messages have ${bytes} bytes; at most ${MAX_MESSAGE_BYTES} are allowed`,
    );
  }
  const messages = entries.map(({ MessageBody, MessageAttributes = {} }) => {
    if (typeof MessageBody !== 'string' || MessageBody === '') {
      throw new AwsError('MissingParameter', 'The request must contain the parameter MessageBody.');
    }
    return newMessage(MessageBody, MessageAttributes, now());
  });
  if (name === LANDINGS_QUEUE) await queue.send(messages);
  else for (const message of messages) deadLetters.add(message);
  return messages.map((message, index) => ({
    Id: entries[index]?.Id,
    MessageId: message.messageId,
    MD5OfMessageBody: md5(message.body),
    ...attributesMd5(message),
  }));
}

function received({ messageId, body, attributes, sentAt, receives }: Message & { receives: number }) {
  return {
    MessageId: messageId,
    ReceiptHandle: messageId,
    Body: body,
    MD5OfBody: md5(body),
    Attributes: { SentTimestamp: String(sentAt), ApproximateReceiveCount: String(receives) },
    ...(Object.keys(attributes).length > 0 && { MessageAttributes: attributes }),
  };
}

function checkEntries(entries: unknown): Entry[] {
  if (!Array.isArray(entries) || entries.length === 0) {
    throw new AwsError(
      'EmptyBatchRequest',
      'There should be at least one SendMessageBatchRequestEntry in the request.',
    );
  }
  if (entries.length > MAX_ENTRIES) {
    throw new AwsError('TooManyEntriesInBatchRequest', `${entries.length} entries; at most ${MAX_ENTRIES} are allowed`);
  }
  const ids = new Set(entries.map((entry: Entry) => entry.Id));
  if (ids.size < entries.length) throw new AwsError('BatchEntryIdsNotDistinct', 'Two entries have the same Id.');
  return entries as Entry[];
}

function queueOf(request: Request): string {
  return knownQueue(String(request.QueueUrl).split('/').at(-1));
}

function knownQueue(name: unknown): string {
  if (typeof name === 'string' && QUEUES.includes(name)) return name;
  throw new AwsError(
    'QueueDoesNotExist',
    `The specified queue does not exist: ${String(name)}. There are ${QUEUES.join(', ')}`,
  );
}

/** As SQS computes it, since some SDKs check: each attribute's name, type and value, with their lengths. */
function attributesMd5({ attributes }: Message): { MD5OfMessageAttributes?: string } {
  const names = Object.keys(attributes).sort();
  if (names.length === 0) return {};
  const sized = (bytes: Buffer) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    return [length, bytes];
  };
  const parts = names.flatMap((name) => {
    const { DataType = 'String', StringValue, BinaryValue = '' } = attributes[name] ?? {};
    const isText = StringValue !== undefined;
    const value = isText ? Buffer.from(StringValue) : Buffer.from(BinaryValue, 'base64');
    return [
      ...sized(Buffer.from(name)),
      ...sized(Buffer.from(DataType)),
      Buffer.from([isText ? 1 : 2]),
      ...sized(value),
    ];
  });
  return { MD5OfMessageAttributes: md5(Buffer.concat(parts)) };
}
