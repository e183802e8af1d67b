/** Starts evaluations in Step Functions. Names are deterministic, so a second start of the same one is a success. */
import { ExecutionAlreadyExists, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import type { Executions } from '../controller/ports.ts';

let client: SFNClient | undefined;

export function createExecutions(stateMachineArn: string): Executions {
  client ??= new SFNClient({ maxAttempts: 5 });
  const sfn = client;
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
