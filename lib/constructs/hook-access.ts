/**
 * Lets the `hook` function invoke the team's gates and hooks: exactly those that the policies of this deployment name, read at
 * synth. A policy that names another function takes a deployment to work, as every change of a policy does.
 */
import { ArnFormat, Stack } from 'aws-cdk-lib';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { listHookFunctions } from '../domain/hook-policy.ts';
import type { Policy } from '../domain/policy.ts';
import type { Functions } from './functions.ts';

/** IAM lets the inline policies of a role have 10,240 characters; an ARN has some 100. */
const MAX_FUNCTIONS = 80;

export function allowHooks(functions: Functions, policies: readonly Policy[]): void {
  const names = listHookFunctions(policies);
  if (names.length === 0) return;
  if (names.length > MAX_FUNCTIONS) {
    throw new Error(
      `the policies name ${names.length} functions as hooks, and ${MAX_FUNCTIONS} are allowed: let one function serve several steps, which it is told of`,
    );
  }
  const stack = Stack.of(functions);
  const arnOf = (name: string) =>
    name.startsWith('arn:')
      ? name
      : stack.formatArn({
          service: 'lambda',
          resource: 'function',
          resourceName: name,
          arnFormat: ArnFormat.COLON_RESOURCE_NAME,
        });
  functions.permit(
    'hook',
    new PolicyStatement({ sid: 'Hooks', actions: ['lambda:InvokeFunction'], resources: names.map(arnOf) }),
  );
}
