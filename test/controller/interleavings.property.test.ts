/**
 * Runs, sweeps, overrides and the stream, all at once, in random interleavings of their calls. The model explores small
 * worlds completely; this samples larger ones with everything that the model leaves out: gather, sweeps over evidence,
 * corrections, runs that die at any step. What has to hold in the end is invariants 1, 2 and 7.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { assign } from '../../lib/controller/assign.ts';
import { commitPromotion } from '../../lib/controller/commit.ts';
import { evaluateGroup } from '../../lib/controller/evaluate-group.ts';
import { gather } from '../../lib/controller/gather.ts';
import { confirmPublished, land } from '../../lib/controller/land.ts';
import { demote, promote } from '../../lib/controller/override.ts';
import type { Ports } from '../../lib/controller/ports.ts';
import { type Claim, isPublished } from '../../lib/domain/claim.ts';
import { shardOf } from '../../lib/domain/hash.ts';
import { findTransition, type System, writerMayStand } from '../../lib/domain/phases.ts';
import { addSeconds } from '../../lib/domain/time.ts';
import { compareTokens, formatToken } from '../../lib/domain/token.ts';
import { isTransition } from '../../lib/domain/transition.ts';
import { aJob, NOW } from '../builders/records.ts';
import { aReport, aStage, type Stage, staleEvidence } from './stage.ts';

const JOB = 'flights-atl';
const PARTITIONS = ['p1', 'p2', 'p3'];

type Actor =
  | { do: 'run'; partition: string; system: System; content: string; dies: number; twice: boolean }
  | { do: 'sweep' | 'gather' | 'promote' | 'demote' };

const actor: fc.Arbitrary<Actor> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('run' as const),
      partition: fc.constantFrom(...PARTITIONS),
      system: fc.constantFrom<System>('old', 'new'),
      content: fc.constantFrom('good', 'good', 'bad'),
      /** Ends before this step; 9 is never. */
      dies: fc.constantFrom(9, 9, 9, 1, 2, 3),
      twice: fc.boolean(),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('sweep' as const, 'gather' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constantFrom('promote' as const, 'demote' as const) }) },
);

/** The production table: it keeps the highest token of a partition and refuses a lower one. */
class Destination {
  private readonly rows = new Map<string, { token: string; checksum: string }>();

  publish(partition: string, token: string, checksum: string): boolean {
    if ((this.rows.get(partition)?.token ?? '') > token) return false;
    this.rows.set(partition, { token, checksum });
    return true;
  }

  checksumOf = (partition: string) => this.rows.get(partition)?.checksum;
}

class World {
  readonly stage: Stage;
  readonly destination = new Destination();
  private sweeps = 0;
  private attempts = 0;

  /** What was accepted as production though it must not have been. */
  readonly wrongs: string[] = [];
  private readonly ports: (ports: Ports) => Ports;

  constructor(ports: (ports: Ports) => Ports) {
    this.ports = ports;
    const cooldown = { firstSeconds: 0, maxSeconds: 0 };
    this.stage = aStage({ jobs: [aJob({ phase: 'reverse-shadow' })], policy: { cooldown } });
    const { claims } = this.stage.ports;
    const { replace } = claims;
    claims.replace = async (next, expected) => {
      const written = await replace(next, expected);
      if (written.written) this.watch(next, expected);
      return written;
    };
  }

  /** Right after the write: under the newest right, and by a system from which no finished commit has taken production. */
  private watch(next: Claim, expected: Claim): void {
    const { production: landing } = next;
    if (!landing || landing === expected.production) return;
    const { generation, grant } = expected;
    if (compareTokens(landing.token, { generation, grant }) !== 0)
      this.wrongs.push(
        `${landing.system} landed ${next.partition} under ${formatToken(landing.token)}, not the newest`,
      );
    const { phase, lastTransition } = this.stage.job();
    if ((lastTransition?.settled ?? true) && !writerMayStand(phase, landing.system))
      this.wrongs.push(`${landing.system} landed ${next.partition} as production in ${phase}, after the pass`);
  }

  async act(one: Actor): Promise<void> {
    const ports = this.ports(this.stage.ports);
    const { now } = this.stage;
    const by = { jobId: JOB, actor: 'ann', verified: false, reason: 'r' };
    if (one.do === 'run') await this.run(ports, one);
    else if (one.do === 'sweep') await this.sweep(ports);
    else if (one.do === 'gather') await gather(ports, this.stage.images.splice(0), now());
    else if (one.do === 'demote') await demote(ports, by, now);
    else await promote(ports, { ...by, force: true }, now);
  }

  async run(ports: Ports, { partition, system, content, dies, twice }: Extract<Actor, { do: 'run' }>): Promise<void> {
    const { now } = this.stage;
    const attempt = ++this.attempts;
    const answer = await assign(ports, { jobId: JOB, partition, system }, now());
    if ('refused' in answer || answer.token === undefined || dies === 1) return;
    const request = { jobId: JOB, partition, system, token: answer.token };
    const report = aReport(now(), { checksum: content, attempt });
    const landed = await land(ports, { ...request, report }, now());
    if (twice) expect(await land(ports, { ...request, report }, now())).toBeDefined();
    if ('refused' in landed || landed.table === 'shadow' || dies === 2) return;
    if (!this.destination.publish(partition, answer.token, content) || dies === 3) return;
    await confirmPublished(ports, { ...request, checksum: content }, now());
  }

  private async sweep(ports: Ports): Promise<void> {
    const sweepId = `sweep-${++this.sweeps}`;
    const grants = { shadow: 9, 'reverse-shadow': 9, cleanup: 9 };
    const request = { sweepId, group: 0, shards: [shardOf(JOB)], grants, expiresAt: addSeconds(NOW, 99_999) };
    const { promotions } = await evaluateGroup(ports, request, this.stage.now);
    for (const { jobId, to } of promotions) await commitPromotion(ports, { ...request, jobId, to }, this.stage.now);
  }

  /**
   * Everything that is under way ends: sweeps, the stream, and both systems once more over every partition. Where one of
   * them is stopped it is started again, since what nobody compares nobody finds to be wrong.
   */
  async comeToRest(): Promise<void> {
    if (this.stage.job().phase === 'cleanup') await this.act({ do: 'demote' });
    if (this.stage.job().phase === 'pending') await this.act({ do: 'promote' });
    for (let round = 0; round < 4; round++) {
      this.stage.advance(60);
      while (this.stage.images.length > 0) await this.act({ do: 'gather' });
      await this.act({ do: 'sweep' });
      for (const partition of PARTITIONS)
        for (const system of ['old', 'new'] as const)
          await this.act({ do: 'run', partition, system, content: 'good', dies: 9, twice: false });
    }
    while (this.stage.images.length > 0) await this.act({ do: 'gather' });
  }
}

function expectRecordsOfOneLife({ state }: Stage): void {
  const steps = [...state.history.values()].filter(isTransition).sort((a, b) => a.version - b.version);
  for (const [index, { from, to, epoch }] of steps.entries()) {
    expect(findTransition(from, to), `${from} -> ${to}`).toBeDefined();
    expect(epoch).toBe(index + 2);
    if (index > 0) expect(from).toBe(steps[index - 1]?.to);
  }
  expect(steps.at(-1)?.to ?? 'reverse-shadow').toBe(state.jobs.get(JOB)?.phase);
}

describe('whatever interleaves', () => {
  it('production is what its claim says, every phase change has one record, and nothing stays open', async () => {
    const seen = { demoted: 0, takenOver: 0, quarantined: 0 };
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.array(actor, { minLength: 3, maxLength: 12 }), async (scheduler, actors) => {
        let racing = true;
        const yielding = <T extends object>(store: T): T =>
          new Proxy(store, {
            get: (target, name) => {
              const call = (target as Record<string | symbol, unknown>)[name] as (...args: unknown[]) => unknown;
              return async (...args: unknown[]) => {
                if (racing) await scheduler.schedule(Promise.resolve(), String(name));
                return call(...args);
              };
            },
          });
        const world = new World(({ policies, jobs, claims, evidence, fleet }) => ({
          policies,
          jobs: yielding(jobs),
          claims: yielding(claims),
          evidence: yielding(evidence),
          fleet: yielding(fleet),
        }));
        await scheduler.waitFor(Promise.all(actors.map((one) => world.act(one))));
        racing = false;

        const { stage, destination, wrongs } = world;
        expect(wrongs).toEqual([]);
        for (const claim of stage.state.claims.values()) {
          if (isPublished(claim)) expect(destination.checksumOf(claim.partition)).toBe(claim.production?.checksum);
        }
        if ([...stage.state.history.values()].some((record) => record.type === 'demotion')) seen.demoted++;
        if ([...stage.state.claims.values()].some((claim) => claim.takenOverAt)) seen.takenOver++;
        if ([...stage.state.claims.values()].some((claim) => claim.quarantine)) seen.quarantined++;

        await world.comeToRest();
        const claims = [...stage.state.claims.values()];
        expect(await stage.ports.claims.listOpen(JOB)).toEqual([]);
        for (const { partition, production } of claims) {
          expect(destination.checksumOf(partition), partition).toBe(production?.checksum);
          expect(production?.checksum, partition).toBe('good');
        }
        const { phase, lastTransition } = stage.job();
        expect(lastTransition?.settled ?? true).toBe(true);
        for (const { writer, production } of claims)
          if (!writerMayStand(phase, writer)) expect(production).toBeDefined();
        expect(staleEvidence(stage)).toEqual([]);
        expectRecordsOfOneLife(stage);
      }),
      { numRuns: 100 },
    );
    for (const [what, times] of Object.entries(seen)) expect(times, what).toBeGreaterThan(0);
  }, 60_000);
});
