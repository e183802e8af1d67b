import { describe, expect, it } from 'vitest';
import { HANDLERS } from '../../lib/constructs/handlers.ts';
import { namesOf, referredBy, resourcesOf, thePlainStack } from './synth.ts';

interface LambdaFunction {
  Role: object;
  Environment: { Variables: { CROSSFADE_VERBS?: { 'Fn::Join': [string, (string | object)[]] } } };
}
interface Role {
  Policies: { PolicyDocument: { Statement: { Action: string | string[] }[] } }[];
  ManagedPolicyArns?: unknown;
}

const names = namesOf(thePlainStack().stack);
const functions = resourcesOf<LambdaFunction>(thePlainStack(), 'AWS::Lambda::Function');
const widget = functions.get('Functions/widget')!.Properties;

describe("the widget's function", () => {
  it('is told the function of every verb that its pages offer', () => {
    const parts = widget.Environment.Variables.CROSSFADE_VERBS?.['Fn::Join'][1] ?? [];
    const told = parts.map((part) => (typeof part === 'string' ? part : names.get(referredBy(part) ?? ''))).join('');
    expect(JSON.parse(told)).toEqual(
      Object.fromEntries(HANDLERS.widget.offers.map((verb) => [verb, `Functions/${verb}`])),
    );
  });

  it('may invoke none of them and write nothing: whoever presses a button does that, with rights of their own', () => {
    const roles = resourcesOf<Role>(thePlainStack(), 'AWS::IAM::Role');
    const { Policies, ManagedPolicyArns } = roles.get(names.get(referredBy(widget.Role) ?? '') ?? '')!.Properties;
    const actions = Policies.flatMap(({ PolicyDocument }) => PolicyDocument.Statement.flatMap(({ Action }) => Action));
    expect(new Set(actions)).toEqual(
      new Set(['dynamodb:GetItem', 'dynamodb:Query', 'logs:CreateLogStream', 'logs:PutLogEvents']),
    );
    expect(ManagedPolicyArns).toBeUndefined();
  });

  it('is known to no verb, so that each is deployed without it', () => {
    for (const verb of HANDLERS.widget.offers) {
      expect(JSON.stringify(functions.get(`Functions/${verb}`)), verb).not.toMatch(/widget/i);
    }
  });
});
