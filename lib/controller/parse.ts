/**
 * Parses what comes in with a schema, and says of what is refused which field it was, the value seen and what is allowed.
 * Input may be hostile: names and values are clipped, and nothing here is deeper than the schemas are.
 */
import * as z from 'zod';
import { type Refusal, refuse } from './refusal.ts';

/** Deeper than any schema of ours. */
const MAX_DEPTH = 6;

/**
 * @param secret fields whose values no message may repeat, e.g. samples of rows.
 * @returns what the schema makes of it, or a refusal of the first thing that is wrong.
 */
export function parse<T extends z.ZodType>(
  schema: T,
  input: unknown,
  secret: readonly string[] = [],
): z.output<T> | Refusal {
  if (namesPrototype(input, MAX_DEPTH)) return refuse('Invalid', '__proto__: no such field', '__proto__');
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data as z.output<T>;
  const [issue] = parsed.error.issues;
  if (!issue) return refuse('Invalid', 'the request is not understood');
  if (issue.code === 'unrecognized_keys') {
    const field = clip([...issue.path, issue.keys[0]].join('.'));
    const known = knownFields(schemaAt(schema, issue.path));
    const allowed = known.length > 0 ? `; allowed are ${known.join(', ')}` : '';
    return refuse('Invalid', `${field}: no such field${allowed}`, field);
  }
  const field = clip(issue.path.join('.')) || 'request';
  const value = valueAt(input, issue.path);
  const seen = secret.includes(String(issue.path[0])) ? describeShape(value) : describeValue(value);
  return refuse('Invalid', `${field}: ${seen} is refused: ${issue.message}`, field);
}

/** A key that objects swallow: it would be lost without a word. */
function namesPrototype(value: unknown, depth: number): boolean {
  if (value === null || typeof value !== 'object' || depth === 0) return false;
  if (Object.hasOwn(value, '__proto__')) return true;
  return Object.values(value).some((inner) => namesPrototype(inner, depth - 1));
}

function schemaAt(schema: z.ZodType, path: PropertyKey[]): z.ZodType | undefined {
  return path.reduce<z.ZodType | undefined>((outer, key) => {
    const object = outer && unwrap(outer);
    return object instanceof z.ZodObject ? (object.shape as Record<PropertyKey, z.ZodType>)[key] : undefined;
  }, schema);
}

function unwrap(schema: z.ZodType): z.ZodType {
  let inner = schema;
  for (let depth = 0; depth < MAX_DEPTH; depth++) {
    if (!(inner instanceof z.ZodOptional || inner instanceof z.ZodDefault || inner instanceof z.ZodPrefault)) break;
    inner = inner.unwrap() as z.ZodType;
  }
  return inner;
}

function knownFields(schema: z.ZodType | undefined): string[] {
  const object = schema && unwrap(schema);
  return object instanceof z.ZodObject ? Object.keys(object.shape) : [];
}

function valueAt(input: unknown, path: PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      value !== null && typeof value === 'object' ? (value as Record<PropertyKey, unknown>)[key] : undefined,
    input,
  );
}

function describeValue(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'number') return String(value);
  try {
    return clip(JSON.stringify(value) ?? typeof value);
  } catch {
    // Nested deeper than the stack: what it is says enough.
    return Array.isArray(value) ? 'an array' : `an ${typeof value}`;
  }
}

/** What kind of value it is, and how long: enough to find it by. */
function describeShape(value: unknown): string {
  if (typeof value === 'string') return `a text of ${value.length} characters`;
  if (Array.isArray(value)) return `an array of ${value.length}`;
  return value === undefined ? 'nothing' : `a value of type ${typeof value}`;
}

/** Hostile input can be long, and names of fields can hold anything: an error message never does. */
function clip(text: string): string {
  const shown = text.replace(/[\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069]/gu, '\ufffd');
  return shown.length <= 80 ? shown : `${shown.slice(0, 80)}... (${shown.length} characters)`;
}
