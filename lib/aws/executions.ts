/** Starts evaluations in Step Functions. Names are deterministic, so a second start of the same one is a success. */
import { ExecutionAlreadyExists, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import type { Executions } from '../controller/ports.ts';

/** One an endpoint, so that its connections are reused; a process that moves on to another gets another. */
const clients = new Map<string, SFNClient>();

function clientOf(endpoint: string): SFNClient {
  const client = clients.get(endpoint) ?? new SFNClient({ maxAttempts: 5 });
  clients.set(endpoint, client);
  return client;
}

export function createExecutions(stateMachineArn: string): Executions {
  const sfn = clientOf(process.env.AWS_ENDPOINT_URL ?? '');
  return {
    async start(name, input) {
      try {
        await sfn.send(new StartExecutionCommand({ stateMachineArn, name, input: JSON.stringify(input) }));
      } catch (error) {
        if (!(error instanceof ExecutionAlreadyExists)) throw error;
      }
    },
  };
}
