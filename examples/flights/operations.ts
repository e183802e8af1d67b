/**
 * What people do with Crossfade in the example: register jobs, look at them, find what has to run again, confirm that old
 * jobs are removed. What changes anything goes through the deployed functions with the AWS SDK, as everywhere; what only
 * reads goes to the stores of the local runtime, in this process. Nothing here knows which release is wrong, or where.
 */
import type { LambdaClient } from '@aws-sdk/client-lambda';
import pMap from 'p-map';
import { allPorts } from '../../functions/deciding.ts';
import { now } from '../../functions/runtime.ts';
import { readFacts } from '../../lib/controller/commit.ts';
import { type Page, TEAM_BUCKETS } from '../../lib/controller/ports.ts';
import { isRefusal } from '../../lib/controller/refusal.ts';
import { ATTENTION_KINDS } from '../../lib/domain/attention.ts';
import type { Claim } from '../../lib/domain/claim.ts';
import { evaluate } from '../../lib/domain/evaluate.ts';
import type { Attention, Job } from '../../lib/domain/job.ts';
import { landingsMatch } from '../../lib/domain/landing.ts';
import type { Need } from '../../lib/domain/phases.ts';
import { connectLambda, invoke, type PartitionId } from './client.ts';
import { REGISTRATION, REMOVAL } from './story.ts';
import { jobOf } from './table.ts';

export type JobInTrouble = Job & { attention: Attention };

/** A job with attention, and what the controller says about it: always with both numbers. */
export interface Explained {
  job: JobInTrouble;
  message: string;
}

/** Jobs of one kind of trouble in one phase, by the one that has had it for longest. */
export interface Trouble extends Explained {
  /** `stuck in shadow` */
  what: string;
  count: number;
}

const CONCURRENCY = 8;
/** A source that has run dry, or a job that a person has to promote. */
const STANDSTILLS: readonly Need[] = ['old-landed-recently', 'both-fresh', 'not-flapping'];

export class Operations {
  readonly #lambda: LambdaClient;

  constructor(endpoint: string) {
    this.#lambda = connectLambda(endpoint);
  }

  async registerJobs(airports: readonly string[]): Promise<void> {
    const jobs = airports.map((airport) => {
      const jobId = jobOf(airport);
      const targets = { production: `${jobId}/production`, shadow: `${jobId}/shadow` };
      return { jobId, ...REGISTRATION, targets, labels: { airport } };
    });
    const { results } = await invoke<{ results: { jobId: string; error?: { message: string } }[] }>(
      this.#lambda,
      'register',
      { jobs },
    );
    const refused = results.find(({ error }) => error !== undefined);
    if (refused) throw new Error(`${refused.jobId} was not registered: ${refused.error?.message}`);
  }

  async readJobs(): Promise<Job[]> {
    const { jobs } = allPorts();
    const buckets = Array.from({ length: TEAM_BUCKETS }, (_, bucket) => bucket);
    const pages = await pMap(buckets, (bucket) => readPages((from) => jobs.listTeam(REGISTRATION.team, bucket, from)), {
      concurrency: CONCURRENCY,
    });
    return pages.flat();
  }

  /** Every claim of a job: who wrote each partition, and what both systems have landed. */
  async readClaims(jobId: string): Promise<Claim[]> {
    const { claims } = allPorts();
    return readPages((from) => claims.list(jobId, from));
  }

  /** Partitions whose two landings differ at this moment. */
  async findMismatches(jobs: readonly Job[]): Promise<PartitionId[]> {
    const compared = jobs.filter(({ phase }) => phase === 'shadow' || phase === 'reverse-shadow');
    const claims = await pMap(compared, ({ jobId }) => this.readClaims(jobId), { concurrency: CONCURRENCY });
    return claims
      .flat()
      .filter(({ production, shadow }) => landingsMatch(production, shadow) === false)
      .map(({ jobId, partition }) => ({ jobId, partition }))
      .sort((a, b) => (a.partition < b.partition ? -1 : 1));
  }

  /** Tries every job in cleanup; one that is not ready is refused, and tried again another day. Returns those confirmed. */
  async confirmRemovals(jobs: readonly Job[]): Promise<string[]> {
    const confirmed = await pMap(
      jobs.filter(({ phase }) => phase === 'cleanup'),
      async ({ jobId }) => {
        const { ok } = await invoke<{ ok: boolean }>(this.#lambda, 'complete', { jobId, confirm: jobId, ...REMOVAL });
        return ok ? [jobId] : [];
      },
      { concurrency: CONCURRENCY },
    );
    return confirmed.flat();
  }

  /** Why a job is where it is, judged on what is known now. */
  async explain(job: Job): Promise<string> {
    const facts = await readFacts(allPorts(), job.jobId, now());
    return isRefusal(facts) ? facts.message : evaluate(facts).message;
  }

  /** Whether the job waits for something that neither time nor more of the same landings will bring. */
  async isStuck({ jobId }: Job): Promise<boolean> {
    const facts = await readFacts(allPorts(), jobId, now());
    if (isRefusal(facts)) return true;
    const { unmet, verdicts } = evaluate(facts);
    return unmet.some(({ need }) => STANDSTILLS.includes(need)) || verdicts.some(({ outcome }) => outcome === 'fail');
  }

  async explainEach(jobs: readonly JobInTrouble[]): Promise<Explained[]> {
    return pMap(jobs, async (job) => ({ job, message: await this.explain(job) }), { concurrency: CONCURRENCY });
  }

  /** The most urgent kinds of trouble, each with how many jobs have it and one of them explained. */
  async explainTroubles(jobs: readonly Job[], limit: number): Promise<Trouble[]> {
    const groups = Map.groupBy(findTroubled(jobs), ({ attention, phase }) => `${attention.kind} in ${phase}`);
    const shown = [...groups].slice(0, limit);
    return pMap(shown, async ([what, [job, ...others]]) => {
      const explained = job as JobInTrouble;
      return { what, count: others.length + 1, job: explained, message: await this.explain(explained) };
    });
  }
}

/** Jobs that a person should look at, most urgent first. */
export function findTroubled(jobs: readonly Job[]): JobInTrouble[] {
  const urgency = ({ attention }: JobInTrouble) => ATTENTION_KINDS.indexOf(attention.kind);
  return jobs
    .filter((job): job is JobInTrouble => job.attention !== undefined)
    .sort((a, b) => urgency(a) - urgency(b) || (a.attention.since < b.attention.since ? -1 : 1));
}

async function readPages<T>(list: (from?: string) => Promise<Page<T>>): Promise<T[]> {
  const items: T[] = [];
  let from: string | undefined;
  do {
    const page = await list(from);
    items.push(...page.items);
    from = page.next;
  } while (from !== undefined);
  return items;
}
