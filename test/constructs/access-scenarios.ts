/**
 * For each handler the states that send it through all its reads and writes: jobs as they may be found, claims and evidence
 * where they matter. `access.test.ts` runs them and looks at what was asked of the tables.
 */
import { expect } from 'vitest';
import { encodeClaim } from '../../lib/aws/claim-item.ts';
import type { HandlerName } from '../../lib/constructs/handlers.ts';
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
import type { storesOn } from '../contract/dynamo.ts';
import { aReadyCase } from '../domain/cases.ts';

type Invoke = (name: HandlerName, event: object) => Promise<Record<string, unknown>>;

let store: ReturnType<typeof storesOn>;
let invoke: Invoke;

/** They write to this store, and call handlers that stand on it. */
export function scenariosOn(given: typeof store, call: Invoke): Record<HandlerName, Scenario> {
  store = given;
  invoke = call;
  return SCENARIOS;
}

/** An answer that is a text, as `invoke` hands it over: its characters. */
function textOf(answer: Record<string, unknown>): string {
  return Object.values(answer).join('');
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

/** Its mismatch is that of `aStanding`. */
const aQuarantinedClaim = () =>
  aPublishedClaim({
    writer: 'new',
    takenOverAt: NOW,
    quarantine: aQuarantine(),
    shadow: aLanding({ system: 'old', rowCount: 1_000_000 }),
  });

const aHalfDoneJob = (job: Partial<Job> = {}) => given(halfDone('reverse-shadow', 'shadow', job), claimedBy('new'));

async function deliver(jobId: string, system: string): Promise<void> {
  const on = { jobId, partition: 'p1', system };
  const report = { landedAt: NOW, rowCount: 1, checksum: 'x' };
  const { token } = await invoke('assign', on);
  expect(await invoke('land', { ...on, ...report, token })).toMatchObject({ accepted: true });
  expect(await invoke('published', { ...on, token, checksum: 'x' })).toEqual({ ok: true });
  const { token: newer } = await invoke('assign', on);
  // A landing that replaces another asks for the job's phase.
  await invoke('land', { ...on, ...report, token: newer, attempt: 2 });
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
  assign: async () => deliver(await given({ phase: 'shadow' }), 'old'),
  land: NOTHING,
  published: NOTHING,
  owed: async (invoke) => {
    const jobId = await given({ phase: 'shadow' }, claimedBy('old'));
    await store.fleet.putOwed(anOwedPartition({ jobId }));
    expect(await invoke({ system: 'old' })).toMatchObject({ partitions: [{ jobId }] });
    expect(await invoke({ system: 'old', jobId })).toMatchObject({ partitions: [{ jobId }] });
  },
  'report-difference': async (invoke) => {
    const mismatching = aPublishedClaim({ shadow: aLanding({ system: 'new', rowCount: 1 }) });
    const jobId = await given({ phase: 'shadow' }, mismatching);
    expect(await invoke({ jobId, partition: mismatching.partition, signature: 'fewer' })).toMatchObject({ ok: true });
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
      // What its policy excuses is written on the claim, and gathered; one is published, the other still owed.
      await given({ ...regressing.job, policy: 'excusing' }, aQuarantinedClaim(), { standing: [aStanding()] }),
      await given(
        { ...regressing.job, policy: 'excusing' },
        { ...aQuarantinedClaim(), published: undefined as never },
        { standing: [aStanding()] },
      ),
    ];
    const request = { sweepId: SWEEP, group: 0, grants: {}, expiresAt: addSeconds(NOW, 600), shards: ids.map(shardOf) };
    expect(await invoke(request)).toMatchObject({ failed: 0, demoted: 1 });
  },
  commit: async (invoke) => {
    const jobId = await given(halfDone('reverse-shadow', 'cleanup'), claimedAgain);
    const request = { jobId, to: 'cleanup', weight: 1, sweepId: SWEEP, expiresAt: addSeconds(NOW, 600) };
    expect(await invoke(request)).toMatchObject({ result: 'committed' });
  },
  hook: async (invoke) => {
    // The breaker that fan-out has opened would keep it from asking.
    const { version } = await store.fleet.getControls();
    await store.fleet.replaceControls({ version: version + 1 }, version);
    const { job, evidence } = aReadyCase('pending');
    const jobId = await given({ ...job, policy: 'hooked' }, undefined, evidence);
    const asking = { jobId, to: 'shadow', weight: 1, expiresAt: addSeconds(NOW, 600), execution: SWEEP };
    expect(await invoke({ step: 'gate', ...asking })).toMatchObject({ asked: true });
    // A debt is what a transition says of itself.
    const { lastTransition: debt } = halfDone('pending', 'shadow');
    const owing = await given({ policy: 'hooked', phase: 'shadow', hooks: { debts: [debt as never] } });
    const outcome = { ...asking, jobId: owing, result: 'committed' };
    expect(await invoke({ step: 'settle', outcome, execution: SWEEP })).toMatchObject({ result: 'committed' });
    expect((await store.jobs.get(owing, 'strong'))?.hooks).toBeUndefined();
  },
  account: async (invoke) => {
    // The last of its sweep's groups, so that it notes the end of that: the newest sweep, which nobody has ended yet.
    const sweepId = 'sweep-20261122T131500Z';
    expect(await invoke({ sweepId, group: 0, input: { groups: 1 }, results: [] })).toMatchObject({ used: {} });
  },
  tell: async (invoke) => {
    const jobId = await given({ team: 'flights' });
    const record = recordOf({ ...aClaim({ takenOverAt: NOW }), jobId });
    expect(await invoke([record])).toMatchObject({ 0: { type: 'PartitionReassigned', team: 'flights' } });
  },
  explain: async (invoke) => {
    const jobId = await given({}, claimedBy('old'));
    expect(await invoke({ jobId })).toMatchObject({ job: { jobId } });
  },
  widget: async (invoke) => {
    const jobId = await given({ attention: { kind: 'stuck', cause: 'capacity', since: NOW } }, claimedBy('old'));
    expect(textOf(await invoke({}))).toContain(jobId);
    expect(textOf(await invoke({ jobId }))).toContain(`${jobId} `);
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
    const first = { ...by, requestId: 'first' };
    expect(await invoke(first)).toMatchObject({ ok: true });
    expect(await invoke(by)).toMatchObject({ ok: true });
    expect(await invoke(first)).toMatchObject({ ok: true, record: { version: expect.any(Number) } });
  },
  resume: async (invoke) => {
    const once = { ...by, requestId: 'once' };
    expect(await invoke(once)).toMatchObject({ ok: true });
    expect(await invoke(once)).toMatchObject({ ok: true, record: { type: 'resumed' } });
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
  const Keys = { jobId: { S: claim.jobId }, partition: { S: claim.partition } };
  return { dynamodb: { Keys, SequenceNumber: '1', NewImage: Object.fromEntries(NewImage) as object } };
}
