import { describe, expect, it } from 'vitest';
import {
  type Claim,
  isOpen,
  isPublished,
  isQuarantined,
  openClaim,
  owedReason,
  planAssign,
  planTakeOver,
  revise,
  settleClaim,
} from '../../lib/domain/claim.ts';
import type { Job } from '../../lib/domain/job.ts';
import { PHASES, type Phase, type System, writerMayStand } from '../../lib/domain/phases.ts';
import { addSeconds } from '../../lib/domain/time.ts';
import { aClaim, aJob, aLanding, aPublishedClaim, FIRST_GENERATION, NOW } from '../builders/records.ts';

const LATER = addSeconds(NOW, 60);
const jobIn = (phase: Phase, epoch = 2): Job => aJob({ phase, epoch });
const mine = (system: System, given = {}) => aLanding({ system, ...given });

/** New wrote production, old's shadow differs. */
function aQuarantinedClaim(given: Partial<Claim> = {}): Claim {
  return settleClaim(
    aPublishedClaim({ writer: 'new', shadow: mine('old', { rowCount: 7, checksum: 'other' }), ...given }),
  );
}

describe('a new claim', () => {
  it.each(PHASES)('in %s belongs to the system that writes production there', (phase) => {
    const writer = phase === 'pending' || phase === 'shadow' ? 'old' : 'new';
    expect(openClaim(jobIn(phase), 'p', 'old', undefined, NOW)).toMatchObject({
      writer,
      epoch: 2,
      generation: FIRST_GENERATION,
    });
  });

  it('gives its right along when the writer is the one that asks', () => {
    expect(openClaim(jobIn('shadow'), 'p', 'old', undefined, NOW)).toMatchObject({ grant: 1, rightOutstanding: true });
    expect(openClaim(jobIn('shadow'), 'p', 'new', undefined, NOW)).toMatchObject({ grant: 0, rightOutstanding: false });
  });

  it('is ready at the earliest instant that was named, and never in the future', () => {
    const readyAt = (named?: string) => openClaim(jobIn('shadow'), 'p', 'old', named, NOW).readyAt;
    expect(readyAt(addSeconds(NOW, -99))).toBe(addSeconds(NOW, -99));
    expect(readyAt(addSeconds(NOW, 99))).toBe(NOW);
    expect(readyAt()).toBe(NOW);
  });
});

describe('revise', () => {
  it('rises in time with every revision, whatever the clocks of two writers say', () => {
    const claim = aClaim({ changedAt: NOW, revision: 4 });
    const behind = revise(claim, {}, addSeconds(NOW, -3_600));
    expect(behind).toMatchObject({ revision: 5, changedAt: addSeconds(NOW, 0.001) });
    expect(revise(claim, {}, LATER).changedAt).toBe(LATER);
  });
});

describe('assign', () => {
  const CELLS = PHASES.flatMap((phase) =>
    (['old', 'new'] as const).flatMap((writer) => (['old', 'new'] as const).map((asker) => ({ phase, writer, asker }))),
  );

  it.each(CELLS)('in $phase a claim of $writer that nobody landed gives $asker what it may write', (cell) => {
    const { phase, writer, asker } = cell;
    const compared = phase === 'shadow' || phase === 'reverse-shadow';
    const { assignment } = planAssign(aClaim({ writer }), jobIn(phase), asker, undefined, LATER);
    const expected = asker !== writer ? (compared ? 'shadow' : 'nothing') : undefined;
    // A writer that may not stand would have been taken over before; if not, it begins nothing.
    expect(assignment.write).toBe(expected ?? (writerMayStand(phase, writer) ? 'production' : 'nothing'));
    expect(assignment.token !== undefined).toBe(assignment.write !== 'nothing');
  });

  it('of production is a newer right each time, so that the newest run wins', () => {
    const first = planAssign(aClaim({ grant: 4 }), jobIn('shadow'), 'old', undefined, LATER);
    const second = planAssign(first.next, jobIn('shadow'), 'old', undefined, LATER);
    expect([first.assignment.token?.grant, second.assignment.token?.grant]).toEqual([5, 6]);
    expect(second.next.rightOutstanding).toBe(true);
  });

  it('of shadow changes nothing, and its token has no grant', () => {
    const claim = aClaim({ grant: 4 });
    const { next, assignment } = planAssign(claim, jobIn('shadow'), 'new', undefined, LATER);
    expect(next).toBe(claim);
    expect(assignment.token).toEqual({ generation: 1, grant: 0 });
  });

  it('answers what this system has landed already, and nothing of the other’s', () => {
    const claim = aClaim({ production: mine('old', { attempt: 3 }) });
    expect(planAssign(claim, jobIn('shadow'), 'old', undefined, LATER).assignment.landed?.attempt).toBe(3);
    expect(planAssign(claim, jobIn('shadow'), 'new', undefined, LATER).assignment.landed).toBeUndefined();
  });

  it.each([
    ['it may finish what was accepted, under the token that was accepted', {}, 'production'],
    ['it begins nothing again once it has published', { published: true }, 'nothing'],
  ])(
    'after production was taken from a writer that had landed, %s',
    (_, { published }: { published?: boolean }, write) => {
      const landed = mine('new', { token: { generation: 1, grant: 3 } });
      const claim = aClaim({
        writer: 'new',
        grant: 4,
        rightOutstanding: false,
        production: landed,
        ...(published && { published: { system: 'new', token: landed.token, checksum: landed.checksum, at: NOW } }),
      });
      const { next, assignment } = planAssign(claim, jobIn('shadow'), 'new', undefined, LATER);
      expect(next).toBe(claim);
      expect(assignment.write).toBe(write);
      expect(assignment.token).toEqual(published ? undefined : landed.token);
    },
  );

  it('takes an earlier readyAt and ignores a later one', () => {
    const claim = aClaim({ readyAt: NOW });
    const ask = (named: string) => planAssign(claim, jobIn('shadow'), 'new', named, LATER).next;
    expect(ask(addSeconds(NOW, -60)).readyAt).toBe(addSeconds(NOW, -60));
    expect(ask(LATER)).toBe(claim);
  });
});

describe('take-over', () => {
  it('never touches a claim whose writer the phase lets stand', () => {
    for (const phase of PHASES)
      for (const writer of ['old', 'new'] as const)
        if (writerMayStand(phase, writer))
          expect(planTakeOver(aClaim({ writer }), jobIn(phase), LATER), `${phase} ${writer}`).toBeUndefined();
  });

  it('gives a partition that has not landed to the writer of the phase, and kills every right', () => {
    const claim = aClaim({ writer: 'new', grant: 6, rightOutstanding: true });
    const next = planTakeOver(claim, jobIn('shadow', 3), LATER);
    expect(next).toMatchObject({ writer: 'old', epoch: 3, generation: 2, grant: 7, rightOutstanding: false });
    expect(next).not.toHaveProperty('reassignedAt');
  });

  it('clears the shadow landing of the new writer, which is published by nobody: it is owed', () => {
    const claim = aClaim({ writer: 'new', shadow: mine('old') });
    const next = planTakeOver(claim, jobIn('shadow'), LATER)!;
    expect(next.shadow).toBeUndefined();
    expect(owedReason(next)).toEqual({ reason: 'reassigned', since: next.changedAt });
  });

  it('leaves a landed partition to its writer, and only withdraws a right that is still out', () => {
    const landed = aClaim({ writer: 'new', production: mine('new'), grant: 2, rightOutstanding: true });
    const next = planTakeOver(landed, jobIn('shadow'), LATER);
    expect(next).toMatchObject({ writer: 'new', generation: 1, grant: 3, rightOutstanding: false });
    expect(planTakeOver({ ...landed, rightOutstanding: false }, jobIn('shadow'), LATER)).toBeUndefined();
  });

  it('gives a quarantined partition to the system that the phase names, landed or not', () => {
    const next = planTakeOver(aQuarantinedClaim(), jobIn('shadow', 3), LATER)!;
    expect(next).toMatchObject({ writer: 'old', generation: 2, production: { system: 'new' } });
    expect(owedReason(next)?.reason).toBe('quarantined');
  });

  it('ignores a claim that was made after the phase changed: a late pass must not undo it', () => {
    expect(planTakeOver(aClaim({ writer: 'new', epoch: 2 }), jobIn('shadow', 2), LATER)).toBeUndefined();
  });

  it('does the same once more when it is repeated: nothing', () => {
    const once = planTakeOver(aClaim({ writer: 'new' }), jobIn('shadow', 3), LATER)!;
    expect(planTakeOver(once, jobIn('shadow', 3), LATER)).toBeUndefined();
  });
});

describe('quarantine', () => {
  it('opens when production of the new system mismatches, keeps both numbers and kills rights given before', () => {
    const claim = aQuarantinedClaim({ grant: 5, rightOutstanding: true });
    expect(claim.quarantine).toMatchObject({ old: { rowCount: 7, checksum: 'other' }, new: { rowCount: 1_000 } });
    expect(claim).toMatchObject({ grant: 6, rightOutstanding: false });
    expect(isQuarantined(claim)).toBe(true);
  });

  it('does not open for production of the old system, for equal content or for what cannot be compared', () => {
    for (const claim of [
      aPublishedClaim({ shadow: mine('new', { checksum: 'other' }) }),
      aPublishedClaim({ writer: 'new', shadow: mine('old') }),
      aPublishedClaim({ writer: 'new', shadow: mine('old', { checksum: 'other', inputVersion: 'v2' }) }),
    ])
      expect(settleClaim(claim).quarantine).toBeUndefined();
  });

  it('does not end by itself, nor when the mismatching landing is published', () => {
    expect(isQuarantined(settleClaim(aQuarantinedClaim()))).toBe(true);
  });

  it('ends when old has published the partition again', () => {
    const { shadow: _, ...repaired } = aQuarantinedClaim();
    const production = mine('old', { token: { generation: 2, grant: 9 } });
    const published = { system: 'old' as const, token: production.token, checksum: 'c0ffee', at: LATER };
    const claim = settleClaim({ ...repaired, writer: 'old', production, published, changedAt: LATER });
    expect(claim.quarantine?.clearedAt).toBe(LATER);
    expect(isOpen(claim)).toBe(false);
  });

  it('ends when a corrected shadow makes the pair match', () => {
    const claim = settleClaim({ ...aQuarantinedClaim(), shadow: mine('old') });
    expect(isQuarantined(claim)).toBe(false);
  });

  it('does not end while the matching landing of new is not published', () => {
    const { published: _, ...unpublished } = aQuarantinedClaim();
    expect(isQuarantined(settleClaim({ ...unpublished, shadow: mine('old') }))).toBe(true);
  });

  it('opens again when what was cleared mismatches once more', () => {
    const cleared = settleClaim({ ...aQuarantinedClaim(), shadow: mine('old') });
    const again = settleClaim({ ...cleared, shadow: mine('old', { checksum: 'third' }), changedAt: LATER });
    expect(again.quarantine).toMatchObject({ openedAt: LATER, old: { checksum: 'third' } });
    expect(again.quarantine?.clearedAt).toBeUndefined();
  });
});

describe('what is owed, and what is open', () => {
  it.each<[string, Claim, string | undefined]>([
    ['a claim that nobody landed', aClaim(), 'not-landed'],
    ['a landing that nobody published', aClaim({ production: mine('old') }), 'not-published'],
    ['a published partition', aPublishedClaim(), undefined],
    ['a debt that is paid', settleClaim(aPublishedClaim({ reassignedAt: NOW })), undefined],
    ['a partition taken over with its output at hand', aClaim({ reassignedAt: NOW }), 'reassigned'],
    ['a quarantine', aQuarantinedClaim(), 'quarantined'],
  ])('%s', (_, claim, reason) => expect(owedReason(claim)?.reason).toBe(reason));

  it('a published partition with a right out is open, although nothing is owed', () => {
    expect(isOpen(aPublishedClaim({ rightOutstanding: true }))).toBe(true);
    expect(isOpen(aPublishedClaim())).toBe(false);
  });

  it('a publication of an earlier landing does not count for the one that replaced it', () => {
    const claim = aPublishedClaim({ production: mine('old', { token: { generation: 1, grant: 2 } }) });
    expect(isPublished(claim)).toBe(false);
    expect(owedReason(claim)?.reason).toBe('not-published');
  });
});
