/**
 * The JSON Schema by which an editor completes and checks the files of `policies/`, from the schemas that read them. Draft 7,
 * which editors know. What JSON Schema cannot say (one field against another, what a policy inherits) `policy check` says.
 */
import { z } from 'zod';
import { fleetLimitsSchema } from '../../lib/domain/fleet-limits.ts';
import { policySchema } from '../../lib/domain/policy.ts';

export interface JsonSchema {
  title?: string;
  description?: string;
  default?: unknown;
  type?: string;
  required?: string[];
  properties?: Record<string, JsonSchema>;
  anyOf?: JsonSchema[];
  items?: JsonSchema;
}

/** By the name of their file in `policies/schema`. */
export const SCHEMAS: Record<string, () => JsonSchema> = {
  'policy.json': () => renderSchema(policySchema, 'A Crossfade policy'),
  'fleet.json': () => renderSchema(fleetLimitsSchema, 'The limits of a Crossfade fleet'),
};

function renderSchema(schema: z.ZodType, title: string): JsonSchema {
  const json = z.toJSONSchema(schema, { io: 'input', target: 'draft-7', unrepresentable: 'any' }) as JsonSchema;
  // The file's name says it.
  const required = (json.required ?? []).filter((field) => field !== 'name');
  return describeFields({ ...json, title, ...(required.length > 0 ? { required } : { required: [] }) });
}

/** Each description as it is read alone: with the unit, and with the field before it where it goes on from there. */
function describeFields(schema: JsonSchema): JsonSchema {
  let before = '';
  const properties = Object.entries(schema.properties ?? {}).map(([name, given]): [string, JsonSchema] => {
    const field = describeFields(given);
    if (field.description === undefined) return [name, field];
    const { description } = field;
    before = description.startsWith('...') ? `${before} ${description}` : description;
    const unit = isDuration(field) ? ' (seconds, or text such as 15m, 36h, 7d)' : '';
    return [name, { ...field, description: before + unit }];
  });
  return {
    ...schema,
    ...(schema.properties && { properties: Object.fromEntries(properties) }),
    ...(schema.anyOf && { anyOf: schema.anyOf.map(describeFields) }),
    ...(schema.items && { items: describeFields(schema.items) }),
  };
}

function isDuration({ anyOf = [] }: JsonSchema): boolean {
  return anyOf.length === 2 && anyOf[0]?.type === 'number' && anyOf[1]?.type === 'string';
}
