/**
 * What a schema allows at a field, in words: for messages about a value that it refuses. It reads the schemas themselves, so
 * that no message can promise what they do not keep.
 */
import * as z from 'zod';
import { DURATION_FORM, durationSeconds } from '../domain/duration.ts';
import { policyName } from '../domain/policy.ts';

/** Deeper than any schema of ours. */
const MAX_DEPTH = 8;

/** The schema of a field, without its default; `undefined` where there is no such field. */
export function schemaAt(schema: z.ZodType, path: readonly PropertyKey[]): z.ZodType | undefined {
  return path.reduce<z.ZodType | undefined>((outer, step) => outer && childOf(outer, step), unwrap(schema));
}

function childOf(outer: z.ZodType, step: PropertyKey): z.ZodType | undefined {
  if (outer instanceof z.ZodUnion) {
    const inside = outer.options.map((option) => childOf(unwrap(option as z.ZodType), step));
    return inside.find((child) => child !== undefined);
  }
  if (outer instanceof z.ZodArray) return unwrap(outer.element as z.ZodType);
  if (outer instanceof z.ZodRecord) return unwrap(outer.valueType as z.ZodType);
  if (!(outer instanceof z.ZodObject) || !Object.hasOwn(outer.shape, step)) return undefined;
  return unwrap((outer.shape as Record<PropertyKey, z.ZodType>)[step] as z.ZodType);
}

function unwrap(schema: z.ZodType): z.ZodType {
  let inner = schema;
  for (let depth = 0; depth < MAX_DEPTH && !isDuration(inner); depth++) {
    if (inner instanceof z.ZodOptional || inner instanceof z.ZodDefault || inner instanceof z.ZodPrefault) {
      inner = inner.unwrap() as z.ZodType;
    } else if (inner instanceof z.ZodPipe) inner = inner.in as z.ZodType;
    else break;
  }
  return inner;
}

/** Also one with limits of its own. */
export function isDuration(schema: z.ZodType): boolean {
  return schema instanceof z.ZodPipe && schema.in === durationSeconds.in;
}

/** The fields of a map, as far as the schema names them. */
export function fieldsOf(schema: z.ZodType | undefined): string[] {
  if (schema instanceof z.ZodUnion) return schema.options.flatMap((option) => fieldsOf(unwrap(option as z.ZodType)));
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];
}

/** Where in a schema a field of this name is, as dotted paths. */
export function findField(schema: z.ZodType, name: string, path: readonly string[] = []): string[] {
  const here = path.length < MAX_DEPTH ? schemaAt(schema, path) : undefined;
  return fieldsOf(here).flatMap((field) => [
    ...(field === name ? [[...path, field].join('.')] : []),
    ...findField(schema, name, [...path, field]),
  ]);
}

/** The words that a field may have, where it may have only some. */
export function choicesOf(schema: z.ZodType | undefined): string[] {
  return schema instanceof z.ZodEnum ? schema.options.map(String) : [];
}

/** As it follows "allowed is". */
export function describeAllowed(given: z.ZodType): string {
  const schema = unwrap(given);
  if (isDuration(schema)) return DURATION_FORM;
  if (schema === policyName) return 'the name of one policy';
  if (schema instanceof z.ZodNumber) return describeNumber(schema);
  if (schema instanceof z.ZodBoolean) return 'true or false';
  if (schema instanceof z.ZodEnum) return listed(schema.options.map(String));
  if (schema instanceof z.ZodString) return describeText(schema);
  if (schema instanceof z.ZodLiteral) return listed([...schema.values].map(String)) + reason(given);
  if (schema instanceof z.ZodUnion) {
    return schema.options.map((option) => describeAllowed(option as z.ZodType)).join(', or ');
  }
  if (schema instanceof z.ZodArray) return `a list, each entry ${describeAllowed(schema.element as z.ZodType)}`;
  if (schema instanceof z.ZodObject) return `a map with the fields ${fieldsOf(schema).join(', ')}`;
  return schema instanceof z.ZodRecord ? 'a map' : 'another value';
}

function describeNumber(schema: z.ZodNumber): string {
  const { minValue, maxValue, isInt } = schema;
  const what = isInt ? 'a whole number' : 'a number';
  const bounded = (limit: number | null) => limit !== null && Number.isFinite(limit) && Math.abs(limit) < 2 ** 53 - 1;
  if (bounded(minValue) && bounded(maxValue)) return `${what} from ${minValue} to ${maxValue}`;
  if (bounded(minValue)) return `${what} from ${minValue} on`;
  return bounded(maxValue) ? `${what} up to ${maxValue}` : what;
}

function describeText({ maxLength }: z.ZodString): string {
  return maxLength === null ? 'text' : `text of at most ${maxLength} characters`;
}

function reason({ description }: z.ZodType): string {
  return description === undefined ? '' : ` (${description})`;
}

function listed(words: readonly string[]): string {
  return words.length < 2 ? words.join() : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}
