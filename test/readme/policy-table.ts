/** The README's table of policy fields, from the schema: path, default, meaning. */
import { z } from 'zod';

interface JsonSchema {
  type?: string;
  description?: string;
  default?: unknown;
  properties?: Record<string, JsonSchema>;
  anyOf?: JsonSchema[];
}

export function renderPolicyTable(schema: z.ZodType): string {
  const json = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema;
  const rows = rowsOf(json, []).map(({ path, fallback, meaning }) => `| \`${path}\` | ${fallback} | ${meaning} |`);
  return ['| field | default | meaning |', '| --- | --- | --- |', ...rows].join('\n');
}

function rowsOf(schema: JsonSchema, path: string[]): { path: string; fallback: string; meaning: string }[] {
  const nested = schema.properties ?? schema.anyOf?.find((choice) => choice.properties)?.properties;
  const own =
    path.length > 0 && schema.description !== undefined
      ? [{ path: path.join('.'), fallback: describeDefault(schema, nested !== undefined), meaning: schema.description }]
      : [];
  const inner = Object.entries(nested ?? {}).flatMap(([key, child]) => rowsOf(child, [...path, key]));
  return [...own, ...inner];
}

function describeDefault(schema: JsonSchema, isGroup: boolean): string {
  if (isGroup || schema.default === undefined) return '';
  return `\`${typeof schema.default === 'string' ? schema.default : JSON.stringify(schema.default)}\``;
}
