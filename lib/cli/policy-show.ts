/** `policy show` and `policy diff`: effective policies field by field, with the line of the file that says each. */
import { describeSeconds } from '../domain/time.ts';
import { findNearest } from '../policies/nearest.ts';
import type { EffectivePolicy } from '../policies/resolve.ts';
import { listSettings, type Setting } from '../policies/settings.ts';
import { pc } from './colours.ts';
import { CliError } from './connection.ts';
import { type Output, show } from './output.ts';
import { readFolder } from './policy.ts';
import { renderTable } from './table.ts';

export function showPolicy(name: string, folder: string | undefined, output: Output): void {
  const found = findPolicy(readFolder(folder, output).policies, name);
  const settings = listSettings(found);
  const files = found.files.map(({ path }) => path);
  show(output, { policy: found.policy, files, settings }, () => {
    const rows = settings.map((setting) => [setting.field, describeValue(setting), originOf(setting)]);
    return [
      `${pc.bold(name)} ${found.policy.hash}, from ${files.join(', which extends ')}`,
      '',
      renderTable(['field', 'value', 'from'], rows, output.width),
    ].join('\n');
  });
}

export function comparePolicies(names: [string, string], folder: string | undefined, output: Output): void {
  const { policies } = readFolder(folder, output);
  const [one, other] = names.map(
    (name) => new Map(listSettings(findPolicy(policies, name)).map((each) => [each.field, each])),
  );
  const fields = [...new Set([...(one?.keys() ?? []), ...(other?.keys() ?? [])])];
  const differing = fields
    .map((field) => ({ field, sides: [one?.get(field), other?.get(field)] }))
    .filter(({ sides: [a, b] }) => JSON.stringify(a?.value) !== JSON.stringify(b?.value));
  const value = differing.map(({ field, sides: [a, b] }) => ({ field, [names[0]]: a?.value, [names[1]]: b?.value }));
  show(output, value, () => {
    if (differing.length === 0) return `${names.join(' and ')} say the same`;
    const rows = differing.map(({ field, sides }) => [
      field,
      ...sides.map((side) => (side ? describeValue(side) : '-')),
    ]);
    return renderTable(['field', ...names], rows, output.width);
  });
}

function findPolicy(policies: EffectivePolicy[], name: string): EffectivePolicy {
  const found = policies.find(({ policy }) => policy.name === name);
  if (found) return found;
  const names = policies.map(({ policy }) => policy.name);
  const nearest = findNearest(name, names);
  const meant = nearest === undefined ? '' : `; did you mean ${nearest}?`;
  throw new CliError(
    `no policy ${JSON.stringify(name)}${meant}${meant === '' ? ';' : ''} there are ${names.join(', ')}`,
  );
}

function describeValue({ field, value }: Setting): string {
  if (field.endsWith('Seconds') && typeof value === 'number') return describeSeconds(value);
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function originOf({ file, line }: Setting): string {
  return file === undefined ? '(default)' : `${file}:${line}`;
}
