/**
 * Reads `policies/*.yaml` (or the one JSON file that a deployment ships, which holds the same). `fleet.yaml` has the limits
 * of the fleet, every other file one policy named as the file. Wrong files are all named in one error.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse as parseYaml } from 'yaml';
import type * as z from 'zod';
import type { Policies } from '../controller/ports.ts';
import { type FleetLimits, fleetLimitsSchema, type Policy, policySchema } from '../domain/policy.ts';

export function loadPolicies(folder: string): Policies {
  const found = new Map<string, Policy>();
  const problems: string[] = [];
  let fleet: FleetLimits = fleetLimitsSchema.parse({});
  for (const file of readdirSync(folder)
    .filter((name) => /\.ya?ml$/.test(name))
    .sort()) {
    const text = readFileSync(join(folder, file), 'utf8');
    const name = file.replace(/\.ya?ml$/, '');
    try {
      const content: unknown = parseYaml(text) ?? {};
      if (name === 'fleet') {
        fleet = check(fleetLimitsSchema, content);
      } else {
        const policy = check(policySchema, { name, ...(content as object) });
        found.set(policy.name, { ...policy, hash: hashOf(policy) });
      }
    } catch (error) {
      problems.push(`${file}: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
  if (problems.length > 0) throw new Error(`policies in ${folder} are refused:\n${problems.join('\n')}`);
  if (found.size === 0) throw new Error(`no policy in ${folder}: at least default.yaml is wanted`);
  return { find: (name) => found.get(name), fleet };
}

function check<T extends z.ZodType>(schema: T, content: unknown): z.output<T> {
  const parsed = schema.safeParse(content);
  if (parsed.success) return parsed.data as z.output<T>;
  throw new Error(parsed.error.issues.map((issue) => `${issue.path.join('.') || 'file'}: ${issue.message}`).join('; '));
}

/** Of what the policy says, not of how its file is written: a comment changes nothing. */
function hashOf(policy: object): string {
  return createHash('sha256').update(JSON.stringify(policy)).digest('hex').slice(0, 12);
}
