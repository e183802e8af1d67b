/** The dead-letter queue for what `ingest` refuses: the landing as it came, the reason as a message attribute. */
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import type { DeadLetters } from '../controller/ports.ts';

/** One an endpoint, so that its connections are reused; a process that moves on to another gets another. */
const clients = new Map<string, SQSClient>();

function clientOf(endpoint: string): SQSClient {
  const client = clients.get(endpoint) ?? new SQSClient({ maxAttempts: 5 });
  clients.set(endpoint, client);
  return client;
}

/** Bytes of a body that are kept; the queue takes 256 KiB with the attributes. */
const MAX_BODY = 200_000;

export function createDeadLetters(queueUrl: string): DeadLetters {
  const sqs = clientOf(process.env.AWS_ENDPOINT_URL ?? '');
  return {
    async send(body, reason) {
      const message = body.length > MAX_BODY ? `${body.slice(0, MAX_BODY)}... (${body.length} characters)` : body;
      await sqs.send(
        new SendMessageCommand({
          QueueUrl: queueUrl,
          MessageBody: message,
          MessageAttributes: { reason: { DataType: 'String', StringValue: reason.slice(0, 2_000) } },
        }),
      );
    },
  };
}
