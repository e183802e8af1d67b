/**
 * Runs every handler against a real store, on states that send it through all its reads and writes, and records what it
 * asks of DynamoDB. What its role may do with the tables is that and nothing else: a right that is missing would only fail
 * once it is deployed, and one that is not used nobody would miss.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { configure } from '../../functions/runtime.ts';
import { encodeClaim } from '../../lib/aws/claim-item.ts';
import { HANDLER_NAMES, HANDLERS, type HandlerName } from '../../lib/constructs/handlers.ts';
import type { Claim } from '../../lib/domain/claim.ts';
import type { Evidence } from '../../lib/domain/evidence.ts';
import { shardOf } from '../../lib/domain/hash.ts';
import type { Job } from '../../lib/domain/job.ts';
import type { Phase } from '../../lib/domain/phases.ts';
import { addSeconds, toMs } from '../../lib/domain/time.ts';
import { anOwedPartition, aSummary } from '../builders/fleet.ts';
import {
  aClaim,
  aJob,
  aLanding,
  anEvidence,
  aPair,
  aPublishedClaim,
  aStanding,
  aTransition,
  NOW,
} from '../builders/records.ts';
import { openDynalite } from '../contract/dynalite-server.ts';
import { connectTo, freshTables, storesOn } from '../contract/dynamo.ts';
import { aReadyCase } from '../domain/cases.ts';
import { watchStore } from './store-watch.ts';

vi.mock('../../lib/aws/executions.ts', () => ({ createExecutions: () => ({ start: async () => undefined }) }));
vi.mock('../../functions/log.ts', () => ({ log: { info: () => undefined, error: () => undefined } }));

const caller = new AsyncLocalStorage<HandlerName>();
const asked = new Map<HandlerName, Set<string>>(HANDLER_NAMES.map((name) => [name, new Set()]));
const policies = mkdtempSync(join(tmpdir(), 'crossfade-access-'));
let store: ReturnType<typeof storesOn>;
let close: () => Promise<void>;

beforeAll(async () => {
  const server = await openDynalite();
  const client = connectTo(server.endpoint);
  const tables = await freshTables(client);
  store = storesOn(client, tables);
  close = server.close;
  for (const [table, name] of Object.entries(tables)) vi.stubEnv(`CROSSFADE_TABLE_${table.toUpperCase()}`, name);
  vi.stubEnv('CROSSFADE_POLICIES', policies);
  vi.stubEnv('CROSSFADE_STATE_MACHINE_ARN', 'arn');
  vi.stubEnv('CROSSFADE_DEAD_LETTER_QUEUE_URL', 'http://localhost/dead');
  vi.stubEnv('AWS_REGION', 'us-east-1');
  writeFileSync(join(policies, 'default.yaml'), 'automation: enforce\n');
  writeFileSync(join(policies, 'signed.yaml'), 'approvals: { reverse-shadow: { allowClaimed: true } }\n');
  configure({ now: () => toMs(NOW), dynamo: client });
  watchStore(client, tables, (request) => {
    const name = caller.getStore();
    if (name !== undefined) asked.get(name)?.add(request);
    return name !== undefined;
  });
  for (const name of HANDLER_NAMES) await SCENARIOS[name]((event) => invoke(name, event));
}, 60_000);

afterAll(async () => {
  await close();
  rmSync(policies, { recursive: true });
});

it.each(HANDLER_NAMES)('%s asks of the tables what its role may, and no less', (name) => {
  const granted = Object.entries(HANDLERS[name].tables).flatMap(([part, actions]) =>
    actions.map((action) => `${part} ${action}`),
  );
  expect([...(asked.get(name) ?? [])].sort()).toEqual(granted.sort());
});

async function invoke(name: HandlerName, event: object): Promise<Record<string, unknown>> {
  const { handler } = (await import(`../../functions/${name}.ts`)) as { handler(event: object): Promise<object> };
  return { ...(await caller.run(name, () => handler(event))) };
}

type Scenario = (invoke: (event: object) => Promise<Record<string, unknown>>) => Promise<void>;

const SWEEP = 'sweep-20261122T130000Z';
const by = { actor: 'ana', reason: 'a test' };
let jobs = 0;

/** A job of its own as it may be found, with a claim and evidence where they are given. */
async function given(job: Partial<Job>, claim?: Claim, evidence?: Partial<Evidence>): Promise<string> {
  const jobId = `job-${++jobs}`;
  const { lastTransition } = job;
  await store.jobs.create(
    aJob({ ...job, jobId, ...(lastTransition && { lastTransition: { ...lastTransition, jobId } }) }),
  );
  if (claim) await store.claims.create({ ...claim, jobId });
  if (evidence) await store.evidence.replace(anEvidence({ ...evidence, jobId, shard: shardOf(jobId), version: 1 }), 0);
  return jobId;
}

/** Its last transition died before the pass that takes over what the other system had claimed. */
function halfDone(from: Phase, to: Phase, job: Partial<Job> = {}): Partial<Job> {
  const lastTransition = aTransition({
    type: 'demotion',
    from,
    to,
    epoch: 3,
    version: 3,
    actor: { kind: 'automation', sweepId: SWEEP },
  });
  return { phase: to, epoch: 3, version: 3, lastTransition, ...job };
}

const claimedBy = (writer: 'old' | 'new') => aClaim({ writer, epoch: 2 });
/** Published, and a right was given again since. */
const claimedAgain = aPublishedClaim({ epoch: 2, rightOutstanding: true });

const aHalfDoneJob = (job: Partial<Job> = {}) => given(halfDone('reverse-shadow', 'shadow', job), claimedBy('new'));

async function deliver(
  jobId: string,
  system: string,
  invokeAll: (name: HandlerName, event: object) => Promise<Record<string, unknown>>,
) {
  const on = { jobId, partition: 'p1', system };
  const report = { landedAt: NOW, rowCount: 1, checksum: 'x' };
  const { token } = await invokeAll('assign', on);
  expect(await invokeAll('land', { ...on, ...report, token })).toMatchObject({ accepted: true });
  expect(await invokeAll('published', { ...on, token, checksum: 'x' })).toEqual({ ok: true });
  const { token: newer } = await invokeAll('assign', on);
  // A landing that replaces another asks for the job's phase.
  await invokeAll('land', { ...on, ...report, token: newer, attempt: 2 });
}

const override =
  (verb: string, prepare: () => Promise<string>, more: object = {}): Scenario =>
  async (invoke) => {
    // A request that was handled before its job moved on is answered from the history.
    const handled = await given({ requests: [{ id: 'again', verb, version: 1 }] });
    const repeated = {
      jobId: handled,
      requestId: 'again',
      ...by,
      ...more,
      ...('confirm' in more && { confirm: handled }),
    };
    expect(await invoke(repeated)).toMatchObject({ ok: true });

    const jobId = await prepare();
    expect(await invoke({ jobId, ...by, ...more, ...('confirm' in more && { confirm: jobId }) })).toMatchObject({
      ok: true,
    });
  };

const NOTHING: Scenario = async () => undefined;

const SCENARIOS: Record<HandlerName, Scenario> = {
  assign: async () => deliver(await given({ phase: 'shadow' }), 'old', invoke),
  land: NOTHING,
  published: NOTHING,
  owed: async (invoke) => {
    const jobId = await given({ phase: 'shadow' }, claimedBy('old'));
    await store.fleet.putOwed(anOwedPartition({ jobId }));
    expect(await invoke({ system: 'old' })).toMatchObject({ partitions: [{ jobId }] });
    expect(await invoke({ system: 'old', jobId })).toMatchObject({ partitions: [{ jobId }] });
  },
  ingest: async (invoke) => {
    const jobId = await given({ integration: 'reported' });
    const landing = {
      jobId,
      partition: 'p1',
      system: 'old',
      table: 'production',
      landedAt: NOW,
      rowCount: 1,
      checksum: 'x',
    };
    const Records = [landing, { ...landing, attempt: 2 }].map((body, i) => ({
      messageId: String(i),
      body: JSON.stringify(body),
    }));
    expect(await invoke({ Records })).toEqual({ batchItemFailures: [] });
  },
  gather: async (invoke) => {
    const quarantined = aPublishedClaim({ writer: 'new', epoch: 2, quarantine: aQuarantine() });
    const owing = await given({ phase: 'shadow', epoch: 3 }, quarantined);
    // It stood out before the window was full, and no longer does: the others have to be found again.
    const settled = aPublishedClaim({
      changedAt: addSeconds(NOW, 60),
      shadow: aLanding({ system: 'new' }),
      quarantine: { ...aQuarantine(), clearedAt: NOW },
    });
    const full = await given({ phase: 'shadow' }, settled, {
      standing: [aStanding({ landedAt: toMs(NOW) })],
      overflow: true,
    });
    const Records = [
      { ...quarantined, jobId: owing },
      { ...settled, jobId: full },
    ].map(recordOf);
    expect(await invoke({ Records })).toEqual({ batchItemFailures: [] });
  },
  register: async (invoke) => {
    const job = { jobId: 'registered', team: 'flights' };
    expect(await invoke({ jobs: [job] })).toMatchObject({ results: [{ result: 'created' }] });
    expect(await invoke({ jobs: [{ ...job, team: 'hotels' }] })).toMatchObject({ results: [{ result: 'updated' }] });
  },
  'fan-out': async (invoke) => {
    await store.fleet.putSummary(aSummary());
    const { sweepId } = await invoke({ scheduledAt: NOW });
    // Everything was demoted, so the breaker opens.
    await store.fleet.putSummary(aSummary({ sweepId: String(sweepId), readAt: addSeconds(NOW, 1), demoted: 100_000 }));
    expect(await invoke({ scheduledAt: addSeconds(NOW, 900) })).toMatchObject({ repeated: false });
  },
  evaluate: async (invoke) => {
    const regressing = aReadyCase('reverse-shadow');
    const bad = {
      outcome: 'mismatch' as const,
      epoch: regressing.job.epoch,
      changedAt: toMs(NOW) - 86_400_000,
      landedAt: toMs(NOW) - 86_400_000,
    };
    const ids = [
      await aHalfDoneJob(),
      await given(regressing.job, undefined, { recent: [aPair(bad)], standing: [aStanding(bad)] }),
    ];
    const request = { sweepId: SWEEP, group: 0, grants: {}, expiresAt: addSeconds(NOW, 600), shards: ids.map(shardOf) };
    expect(await invoke(request)).toMatchObject({ failed: 0, demoted: 1 });
  },
  commit: async (invoke) => {
    const jobId = await given(halfDone('reverse-shadow', 'cleanup'), claimedAgain);
    const request = { jobId, to: 'cleanup', weight: 1, sweepId: SWEEP, expiresAt: addSeconds(NOW, 600) };
    expect(await invoke(request)).toMatchObject({ result: 'committed' });
  },
  account: async (invoke) => {
    expect(await invoke({ sweepId: SWEEP, group: 0, results: [] })).toMatchObject({ used: {} });
  },
  explain: async (invoke) => {
    const jobId = await given({}, claimedBy('old'));
    expect(await invoke({ jobId })).toMatchObject({ job: { jobId } });
  },
  promote: override('promote', () => given({ phase: 'reverse-shadow', epoch: 3 }, claimedBy('old')), { force: true }),
  demote: override('demote', () => given({ phase: 'reverse-shadow', epoch: 3 }, claimedBy('new'))),
  hold: override('hold', () => aHalfDoneJob()),
  release: override('release', () =>
    aHalfDoneJob({ hold: { scope: 'promotions', actor: 'ana', reason: 'a test', at: NOW } }),
  ),
  restart: override('restart', () => aHalfDoneJob()),
  approve: override('approve', () => aHalfDoneJob({ policy: 'signed' })),
  retire: override('retire', () => aHalfDoneJob(), { confirm: '' }),
  complete: override(
    'complete',
    async () => {
      const { job, evidence } = aReadyCase('cleanup');
      return given(job, claimedAgain, evidence);
    },
    { confirm: '' },
  ),
  pause: async (invoke) => {
    expect(await invoke(by)).toMatchObject({ ok: true });
  },
  resume: async (invoke) => {
    expect(await invoke(by)).toMatchObject({ ok: true });
  },
};

function aQuarantine() {
  return { openedAt: NOW, old: { rowCount: 1, checksum: 'x' }, new: { rowCount: 2, checksum: 'y' } };
}

/** As the stream hands over a claim, whose attributes are texts, numbers and flags. */
function recordOf(claim: Claim) {
  const NewImage = Object.entries(encodeClaim(claim, 90)).map(([name, value]) => {
    if (typeof value === 'string') return [name, { S: value }];
    return [name, typeof value === 'number' ? { N: String(value) } : { BOOL: value }];
  });
  const Keys = { jobId: { S: claim.jobId } };
  return { dynamodb: { Keys, SequenceNumber: '1', NewImage: Object.fromEntries(NewImage) as object } };
}
