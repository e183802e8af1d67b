/** Judges what the functions answered, how they are configured, and which policies they decide by. Pure. */
import type { Examination } from '../aws/examination.ts';
import type { Configuration, FunctionExamined } from '../aws/examine-functions.ts';
import type { Question } from './doctor-questions.ts';
import { type Finding, judge, ok, restore, skipped, wrong } from './finding.ts';

const SHOWN = 200;

/** Policies of a local folder by name, with the hash of what they say. */
export type LocalPolicies = ReadonlyMap<string, string>;

export function judgeFunctions({ functions, local }: Examination, questions: readonly Question[]): Finding[] {
  return questions.flatMap((question) => {
    const seen = functions.get(question.name) ?? { answer: { kind: 'missing' as const } };
    return [
      judgeAnswer(question, seen, local),
      ...judgeConfiguration(question.name, seen),
      ...judgeSources(question, seen),
    ];
  });
}

function judgeAnswer(
  { name, payload, wanted, accepts }: Question,
  { answer }: FunctionExamined,
  local: boolean,
): Finding {
  const check = `function ${name}`;
  const seen = answer.kind === 'failed' ? { kind: 'failed' as const, message: answer.message } : answer;
  if (seen.kind === 'failed') {
    const log = local ? 'the output of crossfade local' : `its log (aws logs tail, the group named after ${name})`;
    return wrong(check, `does not answer: ${seen.message}`, `read ${log}; then ${restore(local)}`);
  }
  return judge(check, seen, restore(local), (said) => {
    if (payload === undefined) return ok(check, 'there and invocable; not called, since a call does its work');
    if (accepts(said)) return ok(check, `answers ${wanted}, as it should`);
    const text = JSON.stringify(said).slice(0, SHOWN);
    return wrong(check, `answers ${text}; ${wanted} is wanted`, `is it of this version? ${restore(local)}`);
  });
}

function judgeConfiguration(name: string, { configuration }: FunctionExamined): Finding[] {
  if (!configuration || configuration.kind === 'missing') return [];
  const check = `configuration of ${name}`;
  const finding = judge(check, configuration, restore(false), ({ state, update }) => {
    // `Inactive` is what Lambda makes of a function that was not called for weeks.
    if (!['Active', 'Inactive'].includes(state) || update === 'Failed') {
      return wrong(check, `state ${state}, last update ${update}; Active and Successful are wanted`, restore(false));
    }
    return ok(check, `${state}, last update ${update}`);
  });
  return [finding];
}

function judgeSources({ name }: Question, { sources }: FunctionExamined): Finding[] {
  if (!sources) return [];
  const check = `source of ${name}`;
  return [
    judge(check, sources, restore(false), (states) => {
      if (states.length === 0) return wrong(check, 'nothing feeds it', restore(false));
      if (states.every((state) => state === 'Enabled')) return ok(check, 'enabled');
      const next = `aws lambda list-event-source-mappings names it; enable it again with update-event-source-mapping --enabled`;
      return wrong(check, `is ${states.join(', ')}; Enabled is wanted`, next);
    }),
  ];
}

/** What pipelines call stands on a published version: after a roll-back by hand it is not the newest code. */
export function judgeAliases({ aliases, functions }: Examination): Finding[] {
  return [...aliases].map(([output, seen]) => {
    const check = `alias ${output.slice('Alias'.length)}`;
    const newest = configurations(functions).find(([name]) => output.startsWith(`Alias${titled(name)}`))?.[1];
    return judge(check, seen, restore(false), ({ version, codeHash }) => {
      if (newest === undefined || newest.codeHash === codeHash) return ok(check, `version ${version}`);
      const message = `stands on version ${version}, which is not the code of the last deployment`;
      return wrong(check, message, `it was rolled back by hand, or an upgrade was cut off: ${restore(false)}`);
    });
  });
}

/** All functions that decide have to do it by the same policies. */
export function judgeLayers({ functions, local }: Examination): Finding[] {
  if (local) return [];
  const check = 'policies layer';
  const layers = Map.groupBy(
    configurations(functions),
    ([
      ,
      {
        layers: [layer],
      },
    ]) => layer,
  );
  layers.delete(undefined);
  const [first, ...others] = [...layers];
  if (!first) return [skipped(check, 'not checked: no configuration of a function that decides was seen')];
  if (others.length === 0) return [ok(check, `version ${first[0]?.split(':').at(-1)} on ${first[1].length} functions`)];
  const named = [first, ...others].map(
    ([layer, on]) => `${layer?.split(':').at(-1)} on ${on.map(([name]) => name).join(' ')}`,
  );
  return [wrong(check, `functions decide by different versions: ${named.join('; ')}`, restore(false))];
}

/** Every policy that jobs are known to be held to, against the folder. */
export function judgePolicies({ policies, local }: Examination, given: LocalPolicies | undefined): Finding[] {
  const check = 'policies';
  if (!given) return [skipped(check, 'not checked: --policies FOLDER compares the deployed ones with a folder')];
  if (policies.kind !== 'seen') return [judge(check, policies, restore(local), () => ok(check, ''))];
  if (policies.value.length === 0) {
    return [skipped(check, 'not checked: the hash is learned from a job, and none is registered')];
  }
  const unseen = [...given.keys()].filter((name) => !policies.value.some((policy) => policy.name === name));
  return [
    ...policies.value.map(({ name, hash, jobId }) => {
      const line = `policy ${name}`;
      const wanted = given.get(name);
      if (hash === wanted) return ok(line, `${hash}, as in the folder`);
      const seen = `deployed as ${hash} (seen by ${jobId}); the folder has ${wanted ?? 'no such policy'}`;
      const restart = local ? 'start crossfade local with --policies and this folder' : `${restore(local)}`;
      return wrong(line, seen, `${restart}, or name the folder that was deployed`);
    }),
    ...unseen.map((name) => skipped(`policy ${name}`, 'not checked: none of the jobs looked at is held to it')),
  ];
}

function configurations(functions: Examination['functions']): [string, Configuration][] {
  return [...functions].flatMap(([name, { configuration }]) =>
    configuration?.kind === 'seen' ? [[name, configuration.value] as [string, Configuration]] : [],
  );
}

function titled(name: string): string {
  return name.charAt(0).toUpperCase() + name.slice(1);
}
