/**
 * The JSON Schemas of the events: as they are generated, as they lie in `docs/events`, and an event checked against the
 * latter as a consumer would. `CROSSFADE_UPDATE=1 npx vitest run test/events` writes the files, and `npm run format` lays them out.
 */
import { readFileSync } from 'node:fs';
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import * as z from 'zod';
import { EVENT_SCHEMAS, EVENT_TYPES, type EventType } from '../../lib/domain/event.ts';

export const FOLDER = new URL('../../docs/events/', import.meta.url);

/** As input: what a later version adds beside the known fields is no mistake. */
export function generateSchema(type: EventType): string {
  const schema = z.toJSONSchema(EVENT_SCHEMAS[type], {
    io: 'input',
    target: 'draft-2020-12',
    override({ jsonSchema }) {
      // What zod says of every instant and every integer tells a reader nothing.
      if (jsonSchema.format === 'date-time') delete jsonSchema.pattern;
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
    },
  });
  const { $schema, description, ...rest } = schema;
  return `${JSON.stringify({ $schema, title: type, description, ...rest }, null, 2)}\n`;
}

const validators = new Map<string, ValidateFunction>();

function validatorOf(type: string): ValidateFunction {
  const known = validators.get(type);
  if (known) return known;
  const ajv = new Ajv2020({ strict: true, allErrors: true });
  addFormats.default(ajv);
  const validate = ajv.compile(JSON.parse(readFileSync(new URL(`${type}.json`, FOLDER), 'utf8')) as object);
  validators.set(type, validate);
  return validate;
}

/** What is wrong with it by its file in `docs/events`, and which of its fields that does not name. */
export function findFaults(event: unknown): string[] {
  const { type } = event as { type: EventType };
  if (!EVENT_TYPES.includes(type)) return [`there is no event type ${type}`];
  const validate = validatorOf(type);
  validate(event);
  const faults = (validate.errors ?? []).map(({ instancePath, message }) => `${type}${instancePath} ${message}`);
  const known = EVENT_SCHEMAS[type].safeParse(event);
  if (known.success && JSON.stringify(sorted(known.data)) !== JSON.stringify(sorted(event))) {
    faults.push(`${type} has fields that its schema does not name`);
  }
  return faults;
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, one]) => [key, sorted(one)]));
}
