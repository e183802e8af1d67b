import { readFileSync, writeFileSync } from 'node:fs';
import { Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import { EventBus, type IEventBus } from 'aws-cdk-lib/aws-events';
import { Code, Function as LambdaFunction, Runtime } from 'aws-cdk-lib/aws-lambda';
import { expect, it } from 'vitest';
import { EVENT_SCHEMAS, EVENT_TYPES } from '../../lib/domain/event.ts';
import { aBareApp } from '../constructs/synth.ts';
import { EventRules } from './example-rules.ts';
import { FOLDER } from './schema-files.ts';

interface RuleProperties {
  EventPattern: { source: string[]; detail?: { type?: string[]; team?: string[] } };
  Targets: { InputTransformer?: { InputPathsMap: Record<string, string>; InputTemplate: string } }[];
}

function synthesizeRules() {
  const stack = new Stack(aBareApp(), 'Rules');
  const handler = new LambdaFunction(stack, 'Handler', {
    runtime: Runtime.NODEJS_24_X,
    handler: 'index.handler',
    code: Code.fromInline('export const handler = () => {}'),
  });
  new EventRules(stack, 'Rules', {
    eventBus: new EventBus(stack, 'Bus') as IEventBus,
    slack: { workspaceId: 'T00000000', channelId: 'C00000000' },
    owner: { team: 'flights', handler },
  });
  return Object.values(Template.fromStack(stack).findResources('AWS::Events::Rule')).map(
    ({ Properties }) => Properties as RuleProperties,
  );
}

it('the rules of the docs are what this file is, and can be synthesized', () => {
  const rules = synthesizeRules();
  expect(rules).toHaveLength(3);
  for (const { EventPattern, Targets } of rules) {
    expect(EventPattern.source).toEqual(['crossfade']);
    expect(Targets).toHaveLength(1);
  }
});

it('they ask for types that there are, and show fields that every event has or that may be left out', () => {
  for (const { EventPattern, Targets } of synthesizeRules()) {
    for (const type of EventPattern.detail?.type ?? []) expect(EVENT_TYPES).toContain(type);
    for (const path of Object.values(Targets[0]?.InputTransformer?.InputPathsMap ?? {})) {
      const [, field = ''] = /^\$\.detail\.(\w+)$/.exec(path) ?? [];
      expect(Object.keys(EVENT_SCHEMAS.JobDemoted.shape)).toContain(field);
    }
  }
});

it('the docs show them as they are (CROSSFADE_UPDATE=1 writes it)', () => {
  const source = readFileSync(new URL('example-rules.ts', import.meta.url), 'utf8');
  const code = source.slice(source.indexOf('import '));
  const file = new URL('README.md', FOLDER);
  const text = readFileSync(file, 'utf8');
  const written = text.replace(
    /(<!-- generated: rules -->\n)[\s\S]*?(<!-- \/generated -->)/,
    (_, open: string, close: string) => `${open}\`\`\`ts\n${code}\`\`\`\n${close}`,
  );
  if (process.env.CROSSFADE_UPDATE === '1') writeFileSync(file, written);
  expect(readFileSync(file, 'utf8')).toBe(written);
});
