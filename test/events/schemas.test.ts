import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { EVENT_SCHEMAS, EVENT_TYPES } from '../../lib/domain/event.ts';
import { FOLDER, findFaults, generateSchema } from './schema-files.ts';

const updating = process.env.CROSSFADE_UPDATE === '1';
const BEGIN = '<!-- generated: types -->\n';
const END = '<!-- /generated -->';

describe('the schemas in docs/events', () => {
  it.each(EVENT_TYPES)('%s is as the code has it (CROSSFADE_UPDATE=1 writes it)', (type) => {
    const file = new URL(`${type}.json`, FOLDER);
    const read = () => (existsSync(file) ? JSON.stringify(JSON.parse(readFileSync(file, 'utf8'))) : undefined);
    // As text without blanks: the formatter lays the files out, and the order of their keys is for readers.
    const generated = JSON.stringify(JSON.parse(generateSchema(type)));
    if (updating && read() !== generated) writeFileSync(file, generateSchema(type));
    expect(read()).toBe(generated);
  });

  it('are one for each type, and no other', () => {
    const files = readdirSync(FOLDER).filter((name) => name.endsWith('.json'));
    const stale = files.filter((name) => !EVENT_TYPES.some((type) => name === `${type}.json`));
    if (updating) for (const name of stale) rmSync(new URL(name, FOLDER));
    else expect(stale).toEqual([]);
  });

  it('are listed in the README with what each is sent for', () => {
    const file = new URL('README.md', FOLDER);
    const text = readFileSync(file, 'utf8');
    const rows = EVENT_TYPES.map((type) => `| [${type}](${type}.json) | ${EVENT_SCHEMAS[type].description} |`);
    const table = ['| type | when |', '| --- | --- |', ...rows].join('\n');
    const [before = '', rest = ''] = text.split(BEGIN);
    const written = `${before}${BEGIN}${table}\n${END}${rest.split(END).slice(1).join(END)}`;
    if (updating) writeFileSync(file, written);
    expect(readFileSync(file, 'utf8')).toBe(written);
  });

  it('have the example of the README as one of theirs', () => {
    const [, example = ''] = /```json\n([\s\S]*?)```/.exec(readFileSync(new URL('README.md', FOLDER), 'utf8')) ?? [];
    expect(findFaults(JSON.parse(example))).toEqual([]);
  });

  it('let a consumer pass what a later release adds', () => {
    for (const type of EVENT_TYPES) expect(generateSchema(type)).not.toContain('"additionalProperties": false');
  });
});
