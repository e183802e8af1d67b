/**
 * From the files of a folder to effective policies: every policy laid over what it extends, checked as a whole, and each
 * problem brought to the line that says it. A combination that only the heir makes is the heir's problem, not that of the
 * policy it extends. Called by `load.ts`; reads no file itself.
 */
import { createHash } from 'node:crypto';
import { canonicalJson } from '../domain/canonical.ts';
import { fleetLimitsSchema } from '../domain/fleet-limits.ts';
import { type Policy, policySchema } from '../domain/policy.ts';
import { CHAIN_LIMIT, findChain, mergeSettings } from '../domain/policy-chain.ts';
import { describeSeen, explainIssues } from './explain-issue.ts';
import { findNearest } from './nearest.ts';
import type { PolicyFile } from './policy-file.ts';
import type { Problem } from './problem.ts';

export interface EffectivePolicy {
  policy: Policy;
  /** Its own file first, then those it extends. */
  files: PolicyFile[];
}

export interface Resolved {
  policies: EffectivePolicy[];
  problems: Problem[];
}

/** @param files every policy's file by its name. */
export function resolvePolicies(files: ReadonlyMap<string, PolicyFile>): Resolved {
  const parents = new Map([...files].map(([name, file]) => [name, parentOf(file)]));
  const checked = new Map<string, Resolved>();
  // Parents first, so that it is known of every heir what it inherits. Chains are short, and none is walked twice.
  const check = (name: string): Resolved => {
    const known = checked.get(name);
    if (known) return known;
    const chain = findChain(name, parents);
    const inherited = chain.kind === 'chain' && chain.names[1] !== undefined ? check(chain.names[1]) : undefined;
    const sound = chain.kind === 'chain' && (inherited === undefined || inherited.policies.length > 0);
    const heirs = chain.kind === 'chain' ? chain.names : [name];
    const resolved = checkPolicy(
      name,
      heirs.flatMap((each) => files.get(each) ?? []),
      sound,
    );
    const problem = describeChain(name, chain, files);
    if (problem) resolved.problems.push(problem);
    checked.set(name, resolved);
    return resolved;
  };
  const all = [...files.keys()].map(check);
  return { policies: all.flatMap(({ policies }) => policies), problems: all.flatMap(({ problems }) => problems) };
}

function parentOf({ content }: PolicyFile): string | undefined {
  return typeof content?.extends === 'string' ? content.extends : undefined;
}

/** @param sound whether all that it extends is well; if not, only what it says itself can be judged. */
function checkPolicy(name: string, files: PolicyFile[], sound: boolean): Resolved {
  const [own] = files;
  if (!own?.content) return { policies: [], problems: [...(own?.problems ?? [])] };
  const problems = [...own.problems, ...checkName(name, own)];
  const content = {
    ...contentOf(files),
    name,
    ...(own.content.extends !== undefined && { extends: own.content.extends }),
  };
  for (const { path, at: part, message, together } of explainIssues(policySchema, content, belongsToFleet)) {
    const at = own.locate(path, part);
    // Until its parent is mended, nobody knows what the whole would be.
    if (!sound && (together || at.depth < path.length)) continue;
    problems.push({ file: own.path, line: at.line, column: at.column, field: nameOf(path), message });
  }
  if (problems.length > 0 || !sound) return { policies: [], problems };
  const { extends: _parent, ...policy } = policySchema.parse(content);
  return { policies: [{ policy: { ...policy, hash: hashOf(policy) }, files }], problems };
}

/** What the files say together, without what belongs to one file alone. */
function contentOf(files: readonly PolicyFile[]): Record<string, unknown> {
  const said = files.map(({ content }) => {
    const { name: _name, extends: _extends, ...rest } = content ?? {};
    return rest;
  });
  return said.reduceRight<Record<string, unknown>>(
    (base, own) => mergeSettings(base, own) as Record<string, unknown>,
    {},
  );
}

function checkName(name: string, file: PolicyFile): Problem[] {
  const said = file.content?.name;
  if (said === undefined || said === name) return [];
  const { line, column } = file.locate(['name']);
  const message = `${describeSeen(said)} is refused; a policy is named as its file, which is ${name}: leave it out`;
  return [{ file: file.path, line, column, field: 'name', message }];
}

function belongsToFleet(field: string): string | undefined {
  return Object.hasOwn(fleetLimitsSchema.shape, field)
    ? 'a limit of the fleet, which no policy can change; it belongs in fleet.yaml'
    : undefined;
}

function describeChain(
  name: string,
  chain: ReturnType<typeof findChain>,
  files: ReadonlyMap<string, PolicyFile>,
): Problem | undefined {
  const file = files.get(name);
  const said = chain.kind === 'cycle' && chain.names[0] === name ? chain.names.join(' -> ') : undefined;
  const tell = (message: string): Problem | undefined => {
    if (!file) return undefined;
    const { line, column } = file.locate(['extends']);
    return { file: file.path, line, column, field: 'extends', message };
  };
  if (said !== undefined)
    return tell(`${said} is a cycle; one of them has to extend nothing, or a policy outside of it`);
  if (chain.kind === 'too-long') {
    return tell(
      `${chain.names.join(' -> ')} is a chain of more than ${CHAIN_LIMIT} policies; extend one nearer to its end`,
    );
  }
  // Told where it is said, not of everything that extends that one.
  if (chain.kind !== 'unknown-parent' || chain.through.length > 1) return undefined;
  if (chain.parent === 'fleet')
    return tell('"fleet" is refused; fleet.yaml has the limits of the fleet and is no policy');
  const others = [...files.keys()].filter((other) => other !== name);
  const nearest = findNearest(chain.parent, others);
  const meant = nearest === undefined ? '' : `; did you mean ${nearest}?`;
  const there = others.length > 0 ? `${meant === '' ? ';' : ''} there are ${others.join(', ')}` : '; there is no other';
  return tell(`no policy ${describeSeen(chain.parent)} in this folder${meant}${there}`);
}

/** A field as people write it, whatever is in its name. */
export function nameOf(path: readonly PropertyKey[]): string {
  const shown = path
    .map(String)
    .join('.')
    .replace(/[\p{Cc}\p{Cs}\u202a-\u202e\u2066-\u2069]/gu, '\ufffd');
  return shown.length <= 100 ? shown : `${shown.slice(0, 100)}...`;
}

/** Of what the policy says, not of how its files are written: comments, order and inheritance change nothing. */
function hashOf(policy: object): string {
  return createHash('sha256').update(canonicalJson(policy)).digest('hex').slice(0, 12);
}
