/**
 * The contract of every named clause: what it refuses, and that nothing else would. Each race is set up so that all other
 * clauses of the write hold; without the clause the same write takes place, so removing one from a store fails here.
 */
import { describe, expect, it } from 'vitest';
import { CLAUSES, type ClauseName, lostTo, WRITTEN, type Written } from '../../lib/controller/clauses.ts';
import { aFinishedSweep, aLedger, aSummary } from '../builders/fleet.ts';
import { aClaim, aJob, anEvidence, aStanding, aTransition } from '../builders/records.ts';
import type { Open, Stores } from './opening.ts';

const JOB = aJob({ phase: 'shadow', version: 3 });

/** Loses the race: the answer to its last write. */
type Race = (stores: Stores) => Promise<Written>;

const RACES: Record<ClauseName, Race> = {
  'job-is-absent': async ({ jobs }) => {
    await jobs.create(JOB);
    return jobs.create(aJob());
  },
  'job-version-unchanged': async ({ jobs }) => {
    await jobs.create(JOB);
    await jobs.replace({ ...JOB, version: 4, wave: 1 }, JOB);
    return jobs.replace({ ...JOB, version: 4, wave: 2 }, JOB);
  },
  'job-phase-unchanged': async ({ jobs }) => {
    await jobs.create(JOB);
    const expected = { ...JOB, phase: 'reverse-shadow' as const };
    return jobs.replace({ ...expected, version: 4, phase: 'cleanup' }, expected);
  },
  'claim-is-absent': async ({ claims }) => {
    await claims.create(aClaim());
    return claims.create(aClaim({ writer: 'new' }));
  },
  'claim-revision-unchanged': async ({ claims }) => {
    const first = aClaim();
    await claims.create(first);
    await claims.replace({ ...first, grant: 2, revision: 2 }, first);
    return claims.replace({ ...first, writer: 'new', revision: 2 }, first);
  },
  'history-is-absent': async ({ jobs }) => {
    await jobs.putHistory(aTransition());
    return jobs.putHistory(aTransition({ message: 'another' }));
  },
  'evidence-version-unchanged': async ({ evidence }) => {
    await evidence.replace(anEvidence(), 0);
    await evidence.replace(anEvidence({ version: 2 }), 1);
    return evidence.replace(anEvidence({ version: 2, standing: [aStanding()] }), 1);
  },
  'controls-version-unchanged': async ({ fleet }) => {
    await fleet.replaceControls({ version: 1 }, 0);
    await fleet.replaceControls({ version: 2 }, 1);
    return fleet.replaceControls({ version: 2, breakerOpenUntil: '2027-01-01T00:00:00.000Z' }, 1);
  },
  'ledger-is-absent': async ({ fleet }) => {
    await fleet.createLedger(aLedger());
    return fleet.createLedger(aLedger({ groups: [] }));
  },
  'sweep-is-unfinished': async ({ fleet }) => {
    await fleet.finishSweep(aFinishedSweep());
    return fleet.finishSweep(aFinishedSweep({ demotions: 7 }));
  },
  'summary-is-newer': async ({ fleet }) => {
    await fleet.putSummary(aSummary({ readAt: '2026-11-22T13:15:00.000Z' }));
    return fleet.putSummary(aSummary({ readAt: '2026-11-22T13:00:00.000Z' }));
  },
};

async function readAll({ jobs, claims, evidence, fleet }: Stores) {
  const { jobId, partition } = aClaim();
  return {
    job: await jobs.get(jobId, 'strong'),
    history: await jobs.listHistory(jobId, 10),
    claim: await claims.get(jobId, partition),
    evidence: await evidence.get(jobId, 'strong'),
    controls: await fleet.getControls(),
    ledgers: await fleet.listLedgers(10),
    summaries: await fleet.listSummaries(),
  };
}

export function describeClauses(open: Open): void {
  describe.each(Object.entries(RACES) as [ClauseName, Race][])('%s', (clause, race) => {
    it(`refuses it when ${CLAUSES[clause]}`, async () => {
      const stores = await open();
      expect(await race(stores)).toEqual(lostTo(clause));
      const after = await readAll(stores);
      expect(await race(stores)).toEqual(lostTo(clause));
      expect(await readAll(stores), 'a lost write leaves no trace').toStrictEqual(after);
    });

    it('is what refuses it: without the clause the write takes place', async () => {
      expect(await race(await open({ without: clause }))).toEqual(WRITTEN);
    });
  });

  it.each([
    { version: 3, phase: 'shadow', end: 'written' },
    { version: 3, phase: 'pending', end: 'job-phase-unchanged' },
    { version: 2, phase: 'shadow', end: 'job-version-unchanged' },
    { version: 4, phase: 'shadow', end: 'job-version-unchanged' },
    { version: 2, phase: 'pending', end: 'job-version-unchanged' },
  ] as const)('a job in shadow at version 3, changed from $phase at $version: $end', async (given) => {
    const { jobs } = await open();
    await jobs.create(JOB);
    const expected = { ...JOB, phase: given.phase, version: given.version };
    expect(await jobs.replace({ ...expected, version: given.version + 1 }, expected)).toEqual(answer(given.end));
  });

  it('a job or a claim that is not there is not replaced', async () => {
    const { jobs, claims } = await open();
    expect(await jobs.replace({ ...JOB, version: 4 }, JOB)).toEqual(lostTo('job-version-unchanged'));
    const claim = aClaim();
    expect(await claims.replace({ ...claim, revision: 2 }, claim)).toEqual(lostTo('claim-revision-unchanged'));
    expect(await jobs.get(JOB.jobId, 'strong')).toBeUndefined();
    expect(await claims.get(claim.jobId, claim.partition)).toBeUndefined();
  });

  it.each([
    { stored: 0, expected: 0, end: 'written' },
    { stored: 0, expected: 2, end: 'evidence-version-unchanged' },
    { stored: 2, expected: 0, end: 'evidence-version-unchanged' },
    { stored: 2, expected: 1, end: 'evidence-version-unchanged' },
    { stored: 2, expected: 2, end: 'written' },
    { stored: 2, expected: 3, end: 'evidence-version-unchanged' },
  ] as const)('evidence at version $stored, replaced from $expected: $end', async ({ stored, expected, end }) => {
    const { evidence } = await open();
    if (stored > 0) await evidence.replace(anEvidence({ version: stored }), 0);
    expect(await evidence.replace(anEvidence({ version: expected + 1 }), expected)).toEqual(answer(end));
  });

  it('controls at version 0 are those that nobody has written', async () => {
    const { fleet } = await open();
    expect(await fleet.replaceControls({ version: 2 }, 1)).toEqual(lostTo('controls-version-unchanged'));
    expect(await fleet.replaceControls({ version: 1 }, 0)).toEqual(WRITTEN);
    expect(await fleet.replaceControls({ version: 1 }, 0)).toEqual(lostTo('controls-version-unchanged'));
  });

  it('a summary of the same instant is not newer', async () => {
    const { fleet } = await open();
    expect(await fleet.putSummary(aSummary())).toEqual(WRITTEN);
    expect(await fleet.putSummary(aSummary({ jobs: 9 }))).toEqual(lostTo('summary-is-newer'));
  });
}

function answer(end: 'written' | ClauseName): Written {
  return end === 'written' ? WRITTEN : lostTo(end);
}
