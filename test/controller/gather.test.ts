import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gather, readEvidence, recompute } from '../../lib/controller/gather.ts';
import type { Claim } from '../../lib/domain/claim.ts';
import { countingRules } from '../../lib/domain/counting.ts';
import { STANDING_LIMIT } from '../../lib/domain/evidence/standing.ts';
import { recomputeEvidence, WINDOW } from '../../lib/domain/evidence.ts';
import { addSeconds } from '../../lib/domain/time.ts';
import { aClaim, aJob, aLanding, aPolicy, aPublishedClaim, NOW } from '../builders/records.ts';
import { action, History } from '../domain/histories.ts';
import { aStage, runBoth, runOf, type Stage, staleEvidence } from './stage.ts';

const JOB = 'flights-atl';
const nameOf = (i: number) => `p${String(i).padStart(3, '0')}`;
const evidenceOf = (stage: Stage) => stage.state.evidence.get(JOB);
const inShadow = () => aStage({ jobs: [aJob({ phase: 'shadow' })] });

/** Stored as it is, as if the protocol had written it. */
function store(stage: Stage, claim: Claim): Claim {
  stage.state.claims.set(`${claim.jobId}\u0000${claim.partition}`, claim);
  return claim;
}

const mismatch = (i: number, given: Partial<Claim> = {}): Claim =>
  aPublishedClaim({
    partition: nameOf(i),
    revision: 4,
    changedAt: addSeconds(NOW, i),
    shadow: aLanding({ system: 'new', checksum: 'x' }),
    ...given,
  });

describe('gather', () => {
  it('writes a job’s evidence once for a batch, however many of its claims are in it', async () => {
    const stage = inShadow();
    for (let i = 0; i < 5; i++) await runOf(stage, { partition: nameOf(i), system: 'old' });
    await stage.gather();
    expect(stage.writes.filter((call) => call.startsWith('evidence'))).toEqual([`evidence.replace ${JOB}`]);
    expect(evidenceOf(stage)).toMatchObject({ version: 1 });
  });

  it('keeps the jobs of one batch apart', async () => {
    const stage = aStage({ jobs: ['a', 'b'].map((jobId) => aJob({ jobId, phase: 'shadow' })) });
    for (const jobId of ['a', 'b']) await runOf(stage, { jobId, partition: jobId, system: 'old' });
    await stage.gather();
    for (const jobId of ['a', 'b'])
      expect(stage.state.evidence.get(jobId)?.recent.map((pair) => pair.partition)).toEqual([jobId]);
  });

  it('writes nothing for a batch that came before', async () => {
    const stage = inShadow();
    await runBoth(stage, ['p1', 'p2']);
    const images = [...stage.state.claims.values()];
    stage.writes.length = 0;
    await gather(stage.ports, images, NOW);
    expect(stage.writes).toEqual([]);
  });

  it('writes nothing at the birth of a claim, which would double the cost of evidence', async () => {
    const stage = inShadow();
    await runOf(stage, { partition: 'p1', system: 'old', until: 'assigned' });
    stage.writes.length = 0;
    await stage.gather();
    expect(stage.writes).toEqual([]);
  });

  it('reads no claim in the usual case, and the claim itself when an image may be an old one', async () => {
    const stage = inShadow();
    for (let i = 1; i <= WINDOW; i++)
      store(stage, aPublishedClaim({ partition: nameOf(i), changedAt: addSeconds(NOW, i) }));
    await gather(stage.ports, [...stage.state.claims.values()], NOW);
    const repaired = store(stage, aPublishedClaim({ partition: 'late', revision: 9, changedAt: addSeconds(NOW, -50) }));
    stage.calls.length = 0;
    const replayed = mismatch(0, { partition: repaired.partition, revision: 4, changedAt: addSeconds(NOW, -60) });
    await gather(stage.ports, [replayed], NOW);
    expect(stage.calls.filter((call) => call.startsWith('claims.get'))).toEqual([`claims.get ${JOB} late`]);
    expect(evidenceOf(stage)?.standing).toEqual([]);
  });

  it('builds the evidence again from all pages of landings when one that stood out ends and others had no room', async () => {
    const stage = inShadow();
    for (let i = 0; i < 150; i++)
      store(stage, i < STANDING_LIMIT + 2 ? mismatch(i) : aPublishedClaim({ partition: nameOf(i) }));
    await gather(stage.ports, [...stage.state.claims.values()], NOW);
    expect(evidenceOf(stage)).toMatchObject({ overflow: true });
    const ended = store(
      stage,
      mismatch(7, { revision: 5, changedAt: addSeconds(NOW, 99), shadow: aLanding({ system: 'new' }) }),
    );
    await gather(stage.ports, [ended], NOW);
    expect(evidenceOf(stage)?.standing.map((one) => one.partition)).toEqual([6, 5, 4, 3, 2, 0].map(nameOf));
    expect(staleEvidence(stage)).toEqual([]);
  });

  it('loses nothing when two gathers of one job meet: the version settles it, and the other folds again', async () => {
    const stage = inShadow();
    const [a, b] = [store(stage, mismatch(1)), store(stage, mismatch(2))];
    stage.before('evidence.replace', () => gather(stage.ports, [b], NOW));
    await gather(stage.ports, [a], NOW);
    expect(evidenceOf(stage)).toMatchObject({ version: 2 });
    expect(staleEvidence(stage)).toEqual([]);
  });

  it('says that it is safe to call again when it loses every race', async () => {
    const stage = inShadow();
    const lost = { written: false as const, lost: 'evidence-version-unchanged' as const };
    const ports = { ...stage.ports, evidence: { ...stage.ports.evidence, replace: async () => lost } };
    await expect(gather(ports, [mismatch(1)], NOW)).rejects.toThrow(/gather flights-atl: lost 12 races/);
  });

  it('a claim that expired between its image and the reading of it keeps nothing out', async () => {
    const stage = inShadow();
    for (let i = 1; i <= WINDOW; i++)
      store(stage, aPublishedClaim({ partition: nameOf(i), changedAt: addSeconds(NOW, i) }));
    await gather(stage.ports, [...stage.state.claims.values()], NOW);
    await gather(stage.ports, [mismatch(0, { partition: 'gone', changedAt: addSeconds(NOW, -60) }), mismatch(99)], NOW);
    expect(evidenceOf(stage)?.standing.map((one) => one.partition)).toEqual([nameOf(99)]);
  });
});

describe('what gather counts', () => {
  const tested = { criteria: aPolicy().criteria, settleSeconds: 900 };

  it('is what has settled, by the policy of the job, once, whatever comes again', async () => {
    const stage = aStage({ jobs: [aJob({ phase: 'shadow' })], policy: tested });
    await runBoth(stage, ['p1', 'p2', 'p3']);
    expect(evidenceOf(stage)?.tally).toBeUndefined();
    stage.advance(900);
    await runBoth(stage, ['p4']);
    expect(evidenceOf(stage)?.tally).toMatchObject({ equal: 3, states: { lag: { pairs: 3 }, compute: { pairs: 3 } } });
    const { version } = evidenceOf(stage)!;
    await gather(stage.ports, [...stage.state.claims.values()], stage.now());
    expect(evidenceOf(stage)?.version).toBe(version);
  });

  it('goes on where pairs have left the window', async () => {
    const stage = aStage({ jobs: [aJob({ phase: 'shadow' })], policy: tested });
    for (let i = 0; i < WINDOW + 6; i++) await runBoth(stage, [nameOf(i)]);
    stage.advance(900);
    await runBoth(stage, ['q']);
    expect(evidenceOf(stage)?.tally).toMatchObject({ equal: WINDOW + 6, states: { lag: { pairs: WINDOW + 6 } } });
    expect(evidenceOf(stage)?.recent.length).toBe(WINDOW);
  });

  it('is nothing while the job names a policy that is not deployed: it is judged by none', async () => {
    const stage = aStage({ jobs: [aJob({ phase: 'shadow', policy: 'gone' })], policy: { settleSeconds: 0 } });
    await runBoth(stage, ['p1', 'p2']);
    expect(evidenceOf(stage)).toMatchObject({ recent: [{ counted: false }, { counted: false }] });
    expect(evidenceOf(stage)?.tally).toBeUndefined();
  });

  it('is as the landings have it after a recomputation', async () => {
    const stage = aStage({ jobs: [aJob({ phase: 'shadow' })], policy: tested });
    await runBoth(stage, ['p1', 'p2', 'p3']);
    stage.advance(900);
    await runBoth(stage, ['p4']);
    const { tally } = evidenceOf(stage)!;
    await recompute(stage.ports, JOB, stage.now());
    expect(evidenceOf(stage)?.tally).toEqual(tally);
  });
});

describe('gathers that meet in every way', () => {
  it('leave the evidence that the landings have, whatever came late, twice or at once', async () => {
    const script = fc.array(action, { minLength: 20, maxLength: 120, size: 'max' });
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), script, fc.integer({ min: 1, max: 9 }), async (scheduler, actions, size) => {
        const history = new History();
        for (const one of actions) history.do(one);
        const stage = aStage({ jobs: [history.job] });
        for (const claim of history.truth.values()) store(stage, claim);
        const evidence = { ...stage.ports.evidence };
        evidence.get = scheduler.scheduleFunction(stage.ports.evidence.get);
        evidence.replace = scheduler.scheduleFunction(stage.ports.evidence.replace);
        const ports = { ...stage.ports, evidence };
        const batches: Claim[][] = [];
        for (let i = 0; i < history.images.length; i += size * 8) batches.push(history.images.slice(i, i + size * 8));
        const all = Promise.all([...batches, ...batches.slice(-2)].map((batch) => gather(ports, batch, NOW)));
        await scheduler.waitFor(all);
        // What a gather itself repaired comes by the stream as well.
        while (stage.images.length > 0) await stage.gather();
        expect(staleEvidence(stage)).toEqual([]);
      }),
      { numRuns: 25 },
    );
  });
});

describe('recompute', () => {
  it('rebuilds what an interrupted stream has left behind, as the next version', async () => {
    const stage = inShadow();
    await runBoth(stage, ['p1']);
    await runOf(stage, { partition: 'p2', system: 'old' });
    stage.images.length = 0;
    expect(staleEvidence(stage)).toEqual([JOB]);
    await recompute(stage.ports, JOB, stage.now());
    expect(staleEvidence(stage)).toEqual([]);
    expect(evidenceOf(stage)?.version).toBe(2);
  });

  it('writes nothing for a job that never landed', async () => {
    const stage = inShadow();
    await recompute(stage.ports, JOB, stage.now());
    expect(stage.writes).toEqual([]);
  });

  it('tries again when a gather comes in between', async () => {
    const stage = inShadow();
    await runBoth(stage, ['p1']);
    await runOf(stage, { partition: 'p2', system: 'old' });
    stage.before('evidence.replace', () => stage.gather());
    await recompute(stage.ports, JOB, stage.now());
    expect(evidenceOf(stage)?.version).toBe(3);
    expect(staleEvidence(stage)).toEqual([]);
  });

  it('reads every page', async () => {
    const stage = inShadow();
    const claims = Array.from({ length: 250 }, (_, i) => store(stage, aPublishedClaim({ partition: nameOf(i) })));
    const counting = { rules: countingRules(aPolicy()), now: NOW };
    const evidence = await readEvidence(stage.ports, JOB, 4, counting);
    expect(evidence).toEqual(recomputeEvidence(JOB, claims, 4, counting));
  });
});

describe('the worklist', () => {
  it('is left alone by claims that were never taken over: no write for the usual landing', async () => {
    const stage = inShadow();
    await runBoth(stage, ['p1', 'p2']);
    expect(stage.calls.filter((call) => /Owed/.test(call))).toEqual([]);
  });

  it('gets what was reassigned, for its writer, and takes it from the other', async () => {
    const stage = inShadow();
    const claim = store(stage, aClaim({ writer: 'old', generation: 2, takenOverAt: NOW, reassignedAt: NOW }));
    await stage.ports.fleet.putOwed({ jobId: JOB, partition: claim.partition, system: 'new', reason: 'x', since: NOW });
    await gather(stage.ports, [claim], NOW);
    expect([...stage.state.owed.values()]).toMatchObject([{ system: 'old', reason: 'reassigned', since: NOW }]);
  });
});
