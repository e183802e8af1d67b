/**
 * Which jobs a verb is about: named by team, wave, label, phase, attention or a file of ids. The narrowest index that the
 * selector allows is read, and every other condition is checked on what it gives. Retired jobs are in no selection.
 */
import { readFileSync } from 'node:fs';
import pMap from 'p-map';
import type { Deployment } from '../aws/deployment.ts';
import { ATTENTION_BUCKETS, type Page, TEAM_BUCKETS } from '../controller/ports.ts';
import type { AttentionKind } from '../domain/attention.ts';
import type { Job } from '../domain/job.ts';
import type { Phase } from '../domain/phases.ts';
import { CliError } from './connection.ts';

export interface Selector {
  team?: string | undefined;
  wave?: number | undefined;
  label?: string[] | undefined;
  phase?: Phase | undefined;
  policy?: string | undefined;
  attention?: AttentionKind | undefined;
  held?: boolean | undefined;
  /** Only jobs that automation would move, where the policy does not let it. */
  recommended?: boolean | undefined;
  fromFile?: string | undefined;
}

const PARALLEL = 16;
/** Of each bucket: more jobs of one kind of attention than this is one incident, not a list. */
const ATTENTION_LIMIT = 10_000;

export async function selectJobs(deployment: Deployment, selector: Selector): Promise<Job[]> {
  const labels = (selector.label ?? []).map(parseLabel);
  const found = await readCandidates(deployment, selector);
  return found
    .filter((job) => !job.retired && matches(job, selector, labels))
    .sort((a, b) => (a.jobId < b.jobId ? -1 : 1));
}

/** `--team orders --wave 2`, as the user would type it; for previews. */
export function describeSelector(selector: Selector): string {
  return Object.entries(selector)
    .filter(([, value]) => value !== undefined && value !== false)
    .flatMap(([name, value]) => {
      const flag = `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
      return value === true ? [flag] : [value].flat().map((each) => `${flag} ${String(each)}`);
    })
    .join(' ');
}

async function readCandidates({ jobs, fleet }: Deployment, { fromFile, attention, team }: Selector): Promise<Job[]> {
  const each = <T>(count: number, read: (bucket: number) => Promise<T[]>) =>
    pMap(
      Array.from({ length: count }, (_, bucket) => bucket),
      read,
      { concurrency: PARALLEL },
    );
  if (fromFile !== undefined) {
    const ids = readIds(fromFile);
    const read = await pMap(ids, (id) => jobs.get(id, 'eventual'), { concurrency: PARALLEL });
    const missing = ids.filter((_, index) => !read[index]);
    if (missing.length === 0) return read.filter((job) => job !== undefined);
    throw new CliError(
      `${fromFile} names ${missing.length} jobs that are not registered, e.g. ${missing[0]}: nothing was changed; take them out`,
    );
  }
  if (attention) {
    return (await each(ATTENTION_BUCKETS, (bucket) => jobs.listAttention(attention, bucket, ATTENTION_LIMIT))).flat();
  }
  if (team !== undefined) {
    return (await each(TEAM_BUCKETS, (bucket) => readAll((from) => jobs.listTeam(team, bucket, from)))).flat();
  }
  const shards = (await fleet.listSummaries()).map(({ shard }) => shard);
  const read = await pMap(shards, (shard) => readAll((from) => jobs.listShard(shard, from)), { concurrency: PARALLEL });
  return read.flat();
}

function matches(job: Job, selector: Selector, labels: readonly (readonly [string, string])[]): boolean {
  const { team, wave, phase, policy, attention, held, recommended } = selector;
  return (
    (team === undefined || job.team === team) &&
    (wave === undefined || job.wave === wave) &&
    (phase === undefined || job.phase === phase) &&
    (policy === undefined || job.policy === policy) &&
    (attention === undefined || job.attention?.kind === attention) &&
    (!held || job.hold !== undefined) &&
    (!recommended || job.proposal !== undefined) &&
    labels.every(([key, value]) => job.labels[key] === value)
  );
}

function parseLabel(text: string): [string, string] {
  const at = text.indexOf('=');
  if (at > 0) return [text.slice(0, at), text.slice(at + 1)];
  throw new CliError(`--label ${text}: key=value is wanted, e.g. --label tier=gold`, 2);
}

function readIds(file: string): string[] {
  let text: string;
  try {
    text = readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch (error) {
    throw new CliError(`--from-file ${file} cannot be read: ${(error as Error).message}`, 2);
  }
  const ids = text.split('\n').map((line) => line.trim());
  return [...new Set(ids.filter((id) => id !== '' && !id.startsWith('#')))];
}

const MAX_PAGES = 10_000;

async function readAll<T>(list: (from?: string) => Promise<Page<T>>): Promise<T[]> {
  const items: T[] = [];
  let from: string | undefined;
  for (let pages = 0; pages < MAX_PAGES; pages++) {
    const page = await list(from);
    items.push(...page.items);
    if (page.next === undefined) return items;
    from = page.next;
  }
  throw new Error(`a listing has more than ${MAX_PAGES} pages: narrow the selection`);
}
