/** The table of policy fields in `docs/policies.md`, from the schema: path, default, meaning. */
import { z } from 'zod';

interface JsonSchema {
  description?: string;
  default?: unknown;
  properties?: Record<string, JsonSchema>;
  anyOf?: JsonSchema[];
  items?: JsonSchema;
}

interface Row {
  path: string;
  fallback: string;
  meaning: string;
}

export function renderPolicyTable(schema: z.ZodType): string {
  const json = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema;
  const rows = rowsOf(json, '', new Map()).map(
    ({ path, fallback, meaning }) => `| \`${path}\` | ${fallback} | ${meaning} |`,
  );
  return ['| field | default | meaning |', '| --- | --- | --- |', ...rows].join('\n');
}

/** @param told groups of fields by what is in them, with where they were told first: not twice the same rows. */
function rowsOf(schema: JsonSchema, path: string, told: Map<string, string>): Row[] {
  const nested = fieldsOf(schema);
  const content = JSON.stringify(nested ?? {});
  const before = told.get(content);
  const inside = schema.items ? `${path}[]` : path;
  const inner = before
    ? []
    : Object.entries(nested ?? {}).flatMap(([key, child]) =>
        rowsOf(child, inside === '' ? key : `${inside}.${key}`, told),
      );
  if (inner.length > 0) told.set(content, path);
  const meaning = [schema.description, before && `fields as those of \`${before}\``].filter(Boolean).join('; ');
  if (path === '' || meaning === '') return inner;
  return [{ path, fallback: describeDefault(schema, nested !== undefined), meaning }, ...inner];
}

/** Of a map, of a choice between a map and something else, or of the maps in a list. */
function fieldsOf(schema: JsonSchema): JsonSchema['properties'] {
  if (schema.properties) return schema.properties;
  const choice = schema.anyOf?.find(({ properties }) => properties);
  return choice?.properties ?? (schema.items && fieldsOf(schema.items));
}

function describeDefault(schema: JsonSchema, isGroup: boolean): string {
  if ((isGroup && !schema.items) || schema.default === undefined) return '';
  return `\`${typeof schema.default === 'string' ? schema.default : JSON.stringify(schema.default)}\``;
}
