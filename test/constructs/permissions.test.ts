import { describe, expect, it } from 'vitest';
import { permissionsOf, renderPermissions, trustOf } from './permissions.ts';
import { synthesize, thePlainStack } from './synth.ts';

describe("a deployment's roles", () => {
  it('may do what docs/permissions.md says, which a person can read, and nothing else', async () => {
    await expect(renderPermissions(thePlainStack())).toMatchFileSnapshot('../../docs/permissions.md');
  });

  it('name every action in full', () => {
    const wild = permissionsOf(thePlainStack()).filter(({ actions }) => actions.some((action) => action.includes('*')));
    expect(wild).toEqual([]);
  });

  it('name every resource in full, but for log deliveries and traces, which have none', () => {
    const wild = permissionsOf(thePlainStack()).filter(({ resources }) => resources.some((name) => name.includes('*')));
    expect(wild.map(({ role, statement, resources }) => ({ role, statement, resources }))).toEqual([
      { role: 'Evaluations', statement: 'LogDelivery', resources: ['*'] },
      { role: 'Evaluations', statement: 'Traces', resources: ['*'] },
    ]);
  });

  it('hold records of the fleet to their kind: who accounts for a group cannot lift a pause', () => {
    const fleet = permissionsOf(thePlainStack()).filter(({ resources }) => resources.includes('Tables/fleet'));
    expect(fleet.length).toBeGreaterThan(10);
    for (const { role, condition } of fleet) expect(condition, role).toContain('the partition key is like');
  });

  it('are assumed by one service each, and by a service that others could send only for this account', () => {
    for (const [role, statements] of trustOf(thePlainStack())) {
      expect(statements, role).toHaveLength(1);
      const { Principal, Condition } = statements[0]!;
      const service = (Principal as { Service?: string }).Service;
      expect(service, role).toMatch(/^(lambda|states|scheduler|pipes)\.amazonaws\.com$/);
      // Lambda is only ever sent by whoever may pass the role.
      if (service === 'lambda.amazonaws.com') continue;
      expect(Condition, role).toEqual({ StringEquals: { 'aws:SourceAccount': { Ref: 'AWS::AccountId' } } });
    }
  });

  it("may use the tables' key when there is one, through DynamoDB only", () => {
    const arn = 'arn:aws:kms:eu-west-1:111122223333:key/0d990263-018e-4e65-a703-eff731de951e';
    const permissions = permissionsOf(synthesize({ 'crossfade:encryptionKeyArn': arn }));
    const users = permissions.filter(({ statement }) => statement === 'TableKey');
    const roles = new Set(permissions.map(({ role }) => role));
    roles.delete('Evaluations');
    roles.delete('Schedule');
    expect(new Set(users.map(({ role }) => role))).toEqual(roles);
    for (const { role, actions, resources, condition } of users) {
      const writes = permissions.some((other) => other.role === role && other.actions.includes('dynamodb:PutItem'));
      expect(actions.includes('kms:Encrypt'), role).toBe(writes);
      expect(resources).toEqual([arn]);
      expect(condition).toMatch(/^kms:ViaService is `dynamodb\.eu-west-1\./);
    }
  });
});
