import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { type JsonSchema, SCHEMAS } from './json-schema.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');
const FOLDERS = ['policies', 'examples/flights/policies'];

describe.each(Object.entries(SCHEMAS))('policies/schema/%s', (name, render) => {
  const text = `${JSON.stringify(render(), undefined, 2)}\n`;
  const path = `${ROOT}/policies/schema/${name}`;

  it('is what the schemas of the code say', async () => {
    if (process.env.CROSSFADE_UPDATE) writeFileSync(path, text);
    await expect(text).toMatchFileSnapshot(path);
  });

  it('describes every field, so that an editor has something to show', () => {
    expect(undescribed(render(), [])).toEqual([]);
  });
});

describe('an editor that follows the first line of a file', () => {
  const files = FOLDERS.flatMap((folder) =>
    readdirSync(`${ROOT}/${folder}`)
      .filter((file) => file.endsWith('.yaml'))
      .map((file) => `${folder}/${file}`),
  );

  it.each(files)('finds %s well', (file) => {
    const text = readFileSync(`${ROOT}/${file}`, 'utf8');
    const [, schema] = /^# yaml-language-server: \$schema=(\S+)\n/.exec(text) ?? [];
    const found = new URL(schema ?? '', `file://${ROOT}/${file}`).pathname;
    expect(found).toBe(`${ROOT}/policies/schema/${file.endsWith('/fleet.yaml') ? 'fleet' : 'policy'}.json`);
    const check = new Ajv({ strict: false }).compile(JSON.parse(readFileSync(found, 'utf8')));
    check(parse(text));
    expect(check.errors).toBeNull();
  });

  it.each([
    ['an unknown field', { automaton: 'observe' }],
    ['a word that is none', { automation: 'enforced' }],
    ['a number out of range', { minPairs: 2 }],
    ['a duration without a unit', { settleSeconds: '15' }],
    ['data quality that does not gate', { criteria: { dataQuality: { gate: false } } }],
  ])('sees %s while it is typed', (_, content) => {
    expect(new Ajv({ strict: false }).compile(SCHEMAS['policy.json']!())(content)).toBe(false);
  });
});

/** Fields that hold a value of which nothing is said, neither there nor where the group is that they are in. */
function undescribed(schema: JsonSchema, path: string[]): string[] {
  if (path.length > 0 && schema.description !== undefined) return [];
  const fields = schema.properties ?? schema.anyOf?.find((choice) => choice.properties)?.properties;
  if (!fields) return [path.join('.')];
  return Object.entries(fields).flatMap(([name, field]) => undescribed(field, [...path, name]));
}
