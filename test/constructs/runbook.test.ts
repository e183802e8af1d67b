/** docs/runbook.md against the stack and the command line: whoever is called at night finds the section, and its commands exist. */
import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { beforeAll, describe, expect, it } from 'vitest';
import { functionOutput, SHUT_FOR_RESTORE } from '../../lib/aws/deployment.ts';
import { buildProgram } from '../../lib/cli/program.ts';
import { compositeAlarms, metricAlarms } from './monitoring.ts';
import { SYNTH_MS, thePlainStack } from './synth.ts';

const text = readFileSync(new URL('../../docs/runbook.md', import.meta.url), 'utf8');
const RESTORING = 'Restoring tables';
const sections = new Map(
  text
    .split(/^## /m)
    .slice(1)
    .map((section) => [section.slice(0, section.indexOf('\n')), section] as const),
);
const ofAlarms = [...sections].filter(([name]) => name !== RESTORING);
const alarms = () => new Map([...metricAlarms(thePlainStack()), ...compositeAlarms(thePlainStack())]);

beforeAll(() => void thePlainStack(), SYNTH_MS);

describe('the runbook', () => {
  it('has a section for each alarm, and none for an alarm that is not there', () => {
    expect(ofAlarms.map(([name]) => name).sort()).toEqual([...alarms().keys()].sort());
  });

  it.each(ofAlarms)(
    '%s: what it means, whom it affects, three checks with commands, the fix, when to escalate',
    (_, section) => {
      const parts = [...section.matchAll(/^\*\*(\w+)\.\*\*/gm)].map(([, part]) => part);
      expect(parts).toEqual(['Means', 'Affects', 'Check', 'Fix', 'Escalate']);
      const checks = section.slice(section.indexOf('**Check.**'), section.indexOf('**Fix.**'));
      const numbered = [...checks.matchAll(/^(\d)\. /gm)].map(([, number]) => number);
      expect(numbered).toEqual(['1', '2', '3']);
      expect(checks).toMatch(/`(crossfade|aws|errors|alarms|part)\b/);
    },
  );

  it('names pages where it says what pages', () => {
    const [intro] = text.split('## ');
    for (const name of [...compositeAlarms(thePlainStack()).keys(), 'SplitWriter'])
      expect(intro).toContain(`(#${name.toLowerCase()})`);
  });

  it('links to sections that are there', () => {
    const anchors = [...sections.keys()].map((name) => name.toLowerCase().replaceAll(' ', '-'));
    const links = [...text.matchAll(/\]\(#([^)]+)\)/g)].map(([, anchor]) => anchor);
    expect(links.length).toBeGreaterThan(5);
    expect(links.filter((link) => !anchors.includes(link ?? ''))).toEqual([]);
  });

  it('restores in an order in which no right is given out twice: fence closed, jump, fence opened, pipelines', () => {
    const steps = sections.get(RESTORING) ?? '';
    const order = [
      'Stop both',
      '--reserved-concurrent-executions 0',
      'crossfade restore --jobs',
      'delete-function-concurrency',
      'Start the pipelines',
    ];
    const shut = /for name in ([A-Za-z ]+); do\n.*--reserved-concurrent-executions 0/.exec(steps)?.[1]?.split(' ');
    expect(shut?.map((name) => `Function${name}`)).toEqual(SHUT_FOR_RESTORE.map(functionOutput));
    const places = order.map((step) => steps.indexOf(step));
    expect(places.every((place) => place > 0)).toBe(true);
    expect(places).toEqual([...places].sort((a, b) => a - b));
  });
});

/** Each command of the text: the verb and its options. */
function commandsIn(texts: string): { verb: string; options: string[] }[] {
  return [...texts.matchAll(/crossfade ([a-z]+)((?: [^`\n|]*)?)/g)]
    .filter(([whole]) => !/crossfade (local|and|tells|is)\b/.test(whole))
    .map(([, verb = '', rest = '']) => ({ verb, options: rest.match(/--[a-z-]+/g) ?? [] }));
}

const program = buildProgram();
const optionsOf = (command: Command) => command.options.map(({ long }) => long);

describe('the commands that an operator is told', () => {
  const inline = text.replaceAll(/```sh\n[\s\S]*?```/g, '');
  const inCode = [...inline.matchAll(/`([^`]+)`/g)].map(([, code]) => code).join('\n');
  const inBlocks = [...text.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, code]) => code).join('\n');
  const said = () => [
    ...commandsIn(inCode),
    ...commandsIn(inBlocks),
    ...[...alarms().values()].flatMap(({ AlarmDescription }) => commandsIn(AlarmDescription)),
  ];

  it('are verbs of the command line, with options that they have', () => {
    expect(said().length).toBeGreaterThan(60);
    for (const { verb, options } of said()) {
      const command = program.commands.find((one) => one.name() === verb);
      expect(command, `crossfade ${verb}`).toBeDefined();
      for (const option of options) expect(optionsOf(command!), `crossfade ${verb} ${option}`).toContain(option);
    }
  });

  it('name outputs and resources that the stack has, each exactly one', () => {
    const { template } = thePlainStack();
    const { Outputs, Resources } = template.toJSON() as {
      Outputs: object;
      Resources: Record<string, { Type: string }>;
    };
    const outputs = [...text.matchAll(/(?:out|errors|group) ([A-Z]\w+)(?![\w$])/g)].map(([, name]) => name);
    expect(outputs.length).toBeGreaterThan(15);
    expect(outputs.filter((name) => !Object.hasOwn(Outputs, name ?? ''))).toEqual([]);
    const loops = [...text.matchAll(/for name in ([A-Za-z ]+);[\s\S]*?out (Function|Table)\$name/g)];
    expect(loops).toHaveLength(3);
    for (const [, names = '', kind] of loops) {
      for (const name of names.split(' ')) expect(Object.keys(Outputs)).toContain(`${kind}${name}`);
    }
    const parts = [...text.matchAll(/part (AWS::[\w:]+) (\w+)/g)];
    expect(parts.length).toBeGreaterThan(5);
    for (const [, type, prefix] of parts) {
      const found = Object.entries(Resources).filter(
        ([id, { Type }]) => Type === type && id.startsWith(`Crossfade${prefix}`),
      );
      const wanted = type === 'AWS::Pipes::Pipe' ? found.length : 1;
      expect(found, `part ${type} ${prefix}`).toHaveLength(Math.max(1, wanted));
    }
  });
});
