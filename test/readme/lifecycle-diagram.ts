/** The README's state diagram, from `TRANSITIONS`. */
import { NEEDS, TRANSITIONS, type TransitionRule } from '../../lib/domain/phases.ts';

export function renderLifecycle(): string {
  const id = (phase: string) => phase.replace('-', '_');
  const lines = TRANSITIONS.map((rule) => {
    const label =
      rule.kind === 'promotion'
        ? rule.by === 'policy'
          ? 'promote'
          : 'operator confirms'
        : `demote, ${rule.by === 'policy' ? 'when' : 'by hand, when'} ${rule.when}`;
    return `    ${id(rule.from)} --> ${id(rule.to)}: ${label}`;
  });
  const names = [...new Set(TRANSITIONS.flatMap((rule) => [rule.from, rule.to]))].map(
    (phase) => `    state "${phase}" as ${id(phase)}`,
  );
  return [
    '```mermaid',
    'stateDiagram-v2',
    ...names,
    '    [*] --> pending',
    ...lines,
    '    complete --> [*]',
    '```',
  ].join('\n');
}

export function renderNeeds(): string {
  const rows = TRANSITIONS.map((rule) => {
    const needs = rule.kind === 'demotion' ? `${rule.when}` : rule.needs.map((need) => NEEDS[need]).join('; ');
    return `| ${rule.from} → ${rule.to} | ${describeWho(rule)} | ${needs} |`;
  });
  return ['| transition | who | needs |', '| --- | --- | --- |', ...rows].join('\n');
}

function describeWho({ by, to }: TransitionRule): string {
  if (by === 'policy') return 'by itself, or by hand';
  return to === 'complete' ? 'by hand, or by the hook that removes the old job' : 'by hand';
}
