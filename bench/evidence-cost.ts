/**
 * What counting and judging cost beside decoding the same items: `node bench/evidence-cost.ts [--jobs N] [--json]`. A gather
 * decodes one item to count one pair; a sweep decodes a job and its evidence to judge the job. Decoding begins with what
 * DynamoDB answers, attribute values as JSON with bytes in base64. The items are those of an hourly fleet: 24 pairs, three
 * measures with their tests, the newest pair still to be counted. Below a ratio of 1, the statistics are not what a sweep
 * spends its time on; the network and the SDK's own work are on top of the decoding.
 */
import { parseArgs } from 'node:util';
import { decodeEvidence, encodeEvidence } from '../lib/aws/evidence-item.ts';
import { decodeJob, encodeJob } from '../lib/aws/job-item.ts';
import type { Item } from '../lib/aws/record-body.ts';
import { countingRules } from '../lib/domain/counting.ts';
import { evaluate } from '../lib/domain/evaluate.ts';
import type { Pair } from '../lib/domain/evidence/pair.ts';
import { countPair, type Tally } from '../lib/domain/evidence/tally.ts';
import { emptyEvidence } from '../lib/domain/evidence.ts';
import { createJob } from '../lib/domain/job.ts';
import { policySchema } from '../lib/domain/policy.ts';
import { toInstant } from '../lib/domain/time.ts';
import { planTransition } from '../lib/domain/transition.ts';

const { values } = parseArgs({
  options: { jobs: { type: 'string', default: '2000' }, json: { type: 'boolean', default: false } },
});
const jobs = Number(values.jobs);
if (!Number.isInteger(jobs) || jobs < 1) throw new Error(`--jobs ${values.jobs} has to be a whole number from 1`);

const HOUR = 3_600_000;
const NOW = Date.UTC(2026, 10, 22, 13);
const ROUNDS = 25;
const PAIRS = 60;
const policy = { ...policySchema.parse({ name: 'default', automation: 'enforce' }), hash: 'bench' };
const { measures, room } = countingRules(policy);

const items = Array.from({ length: jobs }, (_, i) => itemsOf(`job-${i}`, i));
const evidence = items.map((one) => decodeEvidence(readItem(one.evidence)));
const facts = items.map((one, i) => ({
  job: decodeJob(readItem(one.job)),
  evidence: evidence[i]!,
  policy,
  controls: { version: 0 },
  now: toInstant(NOW),
}));

const tasks = {
  decodeItem: () => {
    for (const one of items) decodeEvidence(readItem(one.evidence));
  },
  decodeBoth: () => {
    for (const one of items) {
      decodeJob(readItem(one.job));
      decodeEvidence(readItem(one.evidence));
    }
  },
  count: () => {
    for (const { recent, tally } of evidence) countPair(tally, recent[0]!, measures);
  },
  judge: () => {
    for (const one of facts) evaluate(one);
  },
};
const { decodeItem, decodeBoth, count, judge } = timeAll();
const figures = {
  decodeEvidence: decodeItem,
  countPair: count,
  countToDecode: count / decodeItem,
  decodeJobAndEvidence: decodeBoth,
  evaluate: judge,
  evaluateToDecode: judge / decodeBoth,
};
console.log(
  `microseconds of processor time, the fastest of ${ROUNDS} rounds over ${jobs} jobs of 24 pairs and 3 tests`,
);
console.log(
  `a pair:  count ${count.toFixed(1)}, decode its item ${decodeItem.toFixed(1)}: ratio ${figures.countToDecode.toFixed(2)}`,
);
console.log(
  `a job:   evaluate ${judge.toFixed(1)}, decode its items ${decodeBoth.toFixed(1)}: ratio ${figures.evaluateToDecode.toFixed(2)}`,
);
if (values.json) console.log(JSON.stringify(figures));

/**
 * Microseconds a job, of processor time, in the fastest round of each: the one that the machine disturbed least. Rounds
 * take turns, so that a machine that slows down slows all of them.
 */
function timeAll(): Record<keyof typeof tasks, number> {
  const fastest = {
    decodeItem: Number.POSITIVE_INFINITY,
    decodeBoth: Number.POSITIVE_INFINITY,
    count: Number.POSITIVE_INFINITY,
    judge: Number.POSITIVE_INFINITY,
  };
  for (let round = 0; round < ROUNDS; round++) {
    for (const [name, run] of Object.entries(tasks) as [keyof typeof tasks, () => void][]) {
      const from = process.cpuUsage();
      run();
      const { user, system } = process.cpuUsage(from);
      fastest[name] = Math.min(fastest[name], (user + system) / jobs);
    }
  }
  return fastest;
}

type Scalar = { S: string } | { N: string } | { BOOL: boolean } | { B: string };

/** An item on the wire; all its attributes are scalar. */
function writeItem(item: Item): string {
  return JSON.stringify(Object.fromEntries(Object.entries(item).map(([name, value]) => [name, writeScalar(value)])));
}

function writeScalar(value: unknown): Scalar {
  if (value instanceof Uint8Array) return { B: Buffer.from(value).toString('base64') };
  if (typeof value === 'number') return { N: String(value) };
  return typeof value === 'boolean' ? { BOOL: value } : { S: String(value) };
}

function readItem(text: string): Item {
  const item: Item = {};
  for (const [name, value] of Object.entries(JSON.parse(text) as Record<string, Scalar>)) {
    if ('S' in value) item[name] = value.S;
    else if ('N' in value) item[name] = Number(value.N);
    else item[name] = 'B' in value ? Buffer.from(value.B, 'base64') : value.BOOL;
  }
  return item;
}

function itemsOf(jobId: string, seed: number) {
  const pairs = Array.from({ length: PAIRS }, (_, i) => pairOf(i, seed));
  const counted = pairs.slice(0, -1).map((pair) => ({ ...pair, counted: true }));
  const tally = counted.reduce<Tally | undefined>((sum, pair) => countPair(sum, pair, measures), undefined);
  const recent = [...counted, pairs.at(-1)!].slice(-room).reverse();
  const attributes = { team: 'bench', policy: policy.name, wave: 0, weight: 1, labels: { owner: 'bench' } };
  const since = toInstant(NOW - 30 * 24 * HOUR);
  const created = createJob(jobId, { ...attributes, shape: 'partitioned', integration: 'fenced' }, 'shadow', since);
  const evidence = { ...emptyEvidence(jobId), version: 1, recent, ...(tally && { tally }) };
  // As every job of a fleet has one: with the verdicts that its last promotion rested on.
  const decision = evaluate({
    job: created,
    evidence,
    policy,
    controls: { version: 0 },
    now: toInstant(NOW),
  });
  const actor = { kind: 'automation', sweepId: '20261122T130000Z' } as const;
  const { message } = decision;
  const verdicts = decision.verdicts.map(({ criterion, outcome, message: said }) => ({
    criterion,
    outcome,
    message: said,
  }));
  const grounds = {
    to: 'reverse-shadow',
    reason: 'criteria-pass',
    message,
    actor,
    policy,
    evidence,
    verdicts,
  } as const;
  const job = { ...planTransition(created, grounds, since), epoch: created.epoch };
  return {
    job: writeItem(encodeJob(job)),
    evidence: writeItem(encodeEvidence(evidence)),
  };
}

function pairOf(index: number, seed: number): Pair {
  const at = NOW - (PAIRS - index) * HOUR;
  const noisy = (value: number, phase: number) =>
    Math.fround(value * Math.exp(0.2 * Math.sin(index * index + seed + phase)));
  return {
    partition: toInstant(at).slice(0, 13),
    epoch: 1,
    outcome: 'match',
    changedAt: at,
    claimedAt: at - HOUR,
    oldLandedAt: at - 60_000,
    newLandedAt: at,
    oldLagSeconds: noisy(600, 0),
    newLagSeconds: noisy(600, 1),
    oldComputeSeconds: noisy(100, 2),
    newComputeSeconds: noisy(100, 3),
    oldStorageBytes: noisy(1e9, 4),
    newStorageBytes: noisy(1e9, 5),
    release: '1.4.2',
    final: false,
    backfill: false,
    counted: false,
  };
}
