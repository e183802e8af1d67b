/** Step Functions' JSON protocol for the one state machine: StartExecution and DescribeExecution. */
import { AwsError } from './aws-error.ts';
import type { Executions } from './executions.ts';
import { STATE_MACHINE_ARN } from './names.ts';

export function answerStates(executions: Executions, operation: string, request: Record<string, unknown>): object {
  switch (operation) {
    case 'StartExecution': {
      const { stateMachineArn, name = crypto.randomUUID(), input = '{}' } = request;
      if (stateMachineArn !== STATE_MACHINE_ARN) {
        const there = `there is one state machine here, ${STATE_MACHINE_ARN}`;
        throw new AwsError(
          'StateMachineDoesNotExist',
          `State Machine Does Not Exist: '${String(stateMachineArn)}'; ${there}`,
        );
      }
      const { executionArn, startDate } = executions.start(String(name), String(input));
      return { executionArn, startDate };
    }
    case 'DescribeExecution':
      return executions.describe(String(request.executionArn));
    default:
      throw new AwsError('UnknownOperationException', `AWSStepFunctions.${operation} is not there in crossfade local`);
  }
}
