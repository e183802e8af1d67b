/**
 * From what zod says about a policy to what a person is told: the field, the value seen, what is allowed, and the name that
 * was probably meant. Where it stands in a file is for `resolve.ts`; this knows schemas and values only.
 */
import type * as z from 'zod';
import { DURATION_FORM } from '../domain/duration.ts';
import { choicesOf, describeAllowed, fieldsOf, findField, isDuration, schemaAt } from './field.ts';
import { findNearest } from './nearest.ts';

type Issue = z.core.$ZodIssue;

export interface Explained {
  path: PropertyKey[];
  /** Set when the name itself is wrong, and not what it is given. */
  at?: 'key';
  message: string;
  /** It is about several fields together, so it may be due to any of them. */
  together: boolean;
}

/** @param elsewhere tells of a field that is known, but not in this kind of file. */
export function explainIssues(
  schema: z.ZodType,
  content: unknown,
  elsewhere: (field: string) => string | undefined,
): Explained[] {
  const parsed = schema.safeParse(content);
  if (parsed.success) return [];
  return parsed.error.issues.flatMap(branchesOf).flatMap((issue) => {
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => explainUnknown(schema, issue.path, key, elsewhere));
    }
    return [explainValue(schema, content, issue)];
  });
}

/** Of a choice between a map and `false`, what is wrong with the map, when a map is what was written. */
function branchesOf(issue: Issue): Issue[] {
  if (issue.code !== 'invalid_union') return [issue];
  const meant = issue.errors.filter((branch) => branch.every((inner) => inner.path.length > 0 || !isOfType(inner)));
  const [only, another] = meant;
  if (!only || another) return [issue];
  return only.map((inner) => ({ ...inner, path: [...issue.path, ...inner.path] })).flatMap(branchesOf);
}

function isOfType({ code }: Issue): boolean {
  return code === 'invalid_type' || code === 'invalid_value';
}

function explainUnknown(
  schema: z.ZodType,
  path: PropertyKey[],
  key: string,
  elsewhere: (field: string) => string | undefined,
): Explained {
  const known = fieldsOf(schemaAt(schema, path)).filter((field) => field !== 'name');
  const belongs = path.length === 0 ? elsewhere(key) : undefined;
  const nearest = findNearest(key, known) ?? findField(schema, key)[0];
  const meant = nearest === undefined ? '' : `; did you mean ${nearest}?`;
  const why = belongs ?? `no such field${meant}${meant === '' ? ';' : ''} allowed are ${known.join(', ')}`;
  return { path: [...path, key], at: 'key', message: why, together: false };
}

function explainValue(schema: z.ZodType, content: unknown, issue: Issue): Explained {
  const { path, code } = issue;
  const seen = describeSeen(valueAt(content, path));
  const field = schemaAt(schema, path);
  const ownWords = code === 'invalid_format' || code === 'invalid_key' || code === 'custom';
  if (field === undefined || (ownWords && !isNoDuration(field, issue))) {
    return { path, message: `${seen} is refused: ${issue.message}`, together: code === 'custom' };
  }
  if (code === 'too_big' && issue.origin === 'array') {
    return {
      path,
      message: `${issue.input ? 'a list' : seen} is refused; at most ${issue.maximum} entries are allowed`,
      together: false,
    };
  }
  const value = valueAt(content, path);
  const nearest = typeof value === 'string' ? findNearest(value, choicesOf(field)) : undefined;
  const meant = nearest === undefined ? ';' : `; did you mean ${nearest}?`;
  return { path, message: `${seen} is refused${meant} allowed is ${describeAllowed(field)}`, together: false };
}

/** Refused by what every duration keeps, and not by a limit of the field's own. */
function isNoDuration(field: z.ZodType, { message }: Issue): boolean {
  return isDuration(field) && message === DURATION_FORM;
}

function valueAt(content: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>(
    (value, step) =>
      value !== null && typeof value === 'object' && Object.hasOwn(value, step)
        ? (value as Record<PropertyKey, unknown>)[step]
        : undefined,
    content,
  );
}

const SHOWN_CHARACTERS = 40;
/** Letters and digits in one long run: a key, a token or a hash, which belongs in no message and in no log. */
const SECRET_LIKE = /(?=[\w+/=.-]*\d)(?=[\w+/=.-]*[A-Za-z])[\w+/=.-]{20,}/;

/** The value as it is written, shortened; of one that may be a secret only how it begins. */
export function describeSeen(value: unknown): string {
  if (value === undefined || value === null) return 'nothing';
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'object') return 'a map';
  if (typeof value !== 'string') return String(value);
  const shown = JSON.stringify(value.replace(/[\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069]/gu, '\ufffd'));
  if (SECRET_LIKE.test(value)) return `"${[...value].slice(0, 4).join('')}..." (${value.length} characters)`;
  return shown.length <= SHOWN_CHARACTERS
    ? shown
    : `${shown.slice(0, SHOWN_CHARACTERS)}..." (${value.length} characters)`;
}
