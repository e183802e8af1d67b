/**
 * A small world in which everything happens at once: pipelines' runs that may die at any step, the landings' stream, sweeps,
 * and operators. `World` carries one act out over ports that the test may slow down, and watches every write for what must
 * never be: it knows nothing of how acts are interleaved.
 */
import fc from 'fast-check';
import { expect } from 'vitest';
import { assign } from '../../lib/controller/assign.ts';
import type { Written } from '../../lib/controller/clauses.ts';
import { commitPromotion } from '../../lib/controller/commit.ts';
import { evaluateGroup } from '../../lib/controller/evaluate-group.ts';
import { gather } from '../../lib/controller/gather.ts';
import { confirmPublished, land } from '../../lib/controller/land.ts';
import type { Ports } from '../../lib/controller/ports.ts';
import type { Claim } from '../../lib/domain/claim.ts';
import { activePause, type Controls } from '../../lib/domain/controls.ts';
import { shardOf } from '../../lib/domain/hash.ts';
import { activeHold, type Job } from '../../lib/domain/job.ts';
import { findTransition, type Phase, type System, writerMayStand } from '../../lib/domain/phases.ts';
import type { Policy } from '../../lib/domain/policy.ts';
import { addSeconds, type Instant } from '../../lib/domain/time.ts';
import { compareTokens, formatToken } from '../../lib/domain/token.ts';
import { isTransition } from '../../lib/domain/transition.ts';
import { aJob, NOW } from '../builders/records.ts';
import { aReport, aStage, openBreakerFor, type Stage } from './stage.ts';
import { ALL_VERBS, codeOf, JOB } from './verbs.ts';

export const PARTITIONS = ['p1', 'p2', 'p3', 'p4'];

export type Act =
  | { do: 'run'; partition: string; system: System; content: string; dies: number; twice: boolean }
  | { do: 'sweep' }
  | { do: 'gather' }
  | { do: 'breaker' }
  | { do: 'cycle'; content: string }
  | { do: 'verb'; verb: string; scope?: 'promotions' | 'all'; force?: boolean; twice: boolean };

export const aRun: fc.Arbitrary<Act> = fc.record({
  do: fc.constant('run' as const),
  partition: fc.constantFrom(...PARTITIONS),
  system: fc.constantFrom<System>('old', 'new'),
  content: fc.constantFrom('good', 'good', 'good', 'bad'),
  /** Ends before this step; 9 is never. */
  dies: fc.constantFrom(9, 9, 9, 1, 2, 3),
  twice: fc.boolean(),
});

/** The next partitions, of both systems, to their end: what brings a job forward. */
export const aCycle: fc.Arbitrary<Act> = fc.record({
  do: fc.constant('cycle' as const),
  content: fc.constantFrom('good', 'good', 'good', 'good', 'good', 'bad'),
});

export const aSweepOrGather: fc.Arbitrary<Act> = fc.constantFrom({ do: 'sweep' }, { do: 'gather' });

/** `twice`: with a request id, and again. */
export const aVerb = (...verbs: string[]): fc.Arbitrary<Act> =>
  fc.record({ do: fc.constant('verb' as const), verb: fc.constantFrom(...verbs), twice: fc.boolean() });

export const aStop: fc.Arbitrary<Act> = fc.record({
  do: fc.constant('verb' as const),
  verb: fc.constantFrom('hold', 'pause'),
  scope: fc.constantFrom('promotions' as const, 'promotions' as const, 'all' as const),
  twice: fc.boolean(),
});

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

/** What a pause stops: 0 nothing, 1 promotions, 2 everything. */
function strengthOf(controls: Controls | undefined, now: Instant): number {
  const pause = controls && activePause(controls, now);
  return !pause ? 0 : pause.scope === 'all' ? 2 : 1;
}

export class World {
  readonly stage: Stage;
  readonly destination = new Destination();
  /** What was written though it must not have been. */
  readonly wrongs: string[] = [];
  /** What was done at least once, for coverage. */
  readonly seen = new Set<string>();
  private sweeps = 0;
  private attempts = 0;
  private requests = 0;
  private cycles = 0;
  /** For each sweep the least that was paused at any time since its commit step began. */
  private readonly paused = new Map<string, number>();
  private readonly ports: (ports: Ports) => Ports;

  constructor(phase: Phase, policy: Partial<Policy>, ports: (ports: Ports) => Ports) {
    this.ports = ports;
    this.stage = aStage({
      jobs: [aJob({ phase })],
      policy: { cooldown: { firstSeconds: 0, maxSeconds: 0 }, ...policy },
    });
    const { claims, jobs, fleet } = this.stage.ports;
    claims.replace = watched(claims.replace, (next, expected) => this.watchClaim(next, expected));
    jobs.replace = watched(jobs.replace, (next, expected) => this.watchJob(next, expected));
    fleet.replaceControls = watched(fleet.replaceControls, (next) => {
      const strength = strengthOf(next, this.stage.now());
      for (const [sweepId, least] of this.paused) this.paused.set(sweepId, Math.min(least, strength));
    });
  }

  /** Right after the write: under the newest right, and by a system from which no finished commit has taken production. */
  private watchClaim(next: Claim, expected: Claim): void {
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

  /** What automation did against the word of a person, or without it. */
  private watchJob(next: Job, expected: Job): void {
    const record = next.lastTransition;
    if (next.version !== expected.version + 1) this.wrongs.push(`version ${next.version} follows ${expected.version}`);
    if (next.phase === expected.phase || !record) return;
    this.seen.add(record.type);
    if (!findTransition(expected.phase, next.phase)) this.wrongs.push(`${expected.phase} became ${next.phase}`);
    if (expected.retired) this.wrongs.push('a retired job moved');
    if (record.actor.kind !== 'automation') return;
    const what = `automation moved the job to ${next.phase}`;
    this.seen.add(`automatic ${record.type}`);
    const hold = activeHold(expected, this.stage.now());
    if (hold && (hold.scope === 'all' || record.type === 'promotion')) this.wrongs.push(`${what} in spite of a hold`);
    const paused = this.paused.get(record.actor.sweepId) ?? 0;
    if (paused >= (record.type === 'promotion' ? 1 : 2)) this.wrongs.push(`${what} in spite of a pause`);
    const signed = expected.approvals?.some(({ to, epoch }) => to === next.phase && epoch === expected.epoch);
    if (next.phase === 'cleanup' && !signed && this.asksForApproval) this.wrongs.push(`${what} without a sign-off`);
  }

  private get asksForApproval(): boolean {
    return this.stage.ports.policies.find('default')?.approvals?.cleanup !== undefined;
  }

  async act(one: Act): Promise<void> {
    const ports = this.ports(this.stage.ports);
    if (one.do === 'run') await this.run(ports, one);
    else if (one.do === 'sweep') await this.sweep(ports);
    else if (one.do === 'gather') await gather(ports, this.stage.images.splice(0), this.stage.now());
    else if (one.do === 'cycle') await this.runCycle(ports, one.content);
    else if (one.do === 'breaker') await openBreakerFor({ ...this.stage, ports }, 600, `sweep-${this.sweeps}`);
    else await this.operate(ports, one);
  }

  /** @returns the answer's code. */
  async operate(ports: Ports, { verb, twice, ...given }: Extract<Act, { do: 'verb' }>): Promise<string> {
    const row = ALL_VERBS[verb]!;
    const stage = { ...this.stage, ports };
    const { do: _, ...options } = given;
    const request = { ...options, ...(twice && { requestId: `r-${++this.requests}` }) };
    const code = codeOf(await row.act(stage, request));
    if (code === 'ok') this.seen.add(verb);
    if (twice && code === 'ok') expect(codeOf(await row.act(stage, request)), `${verb}, again`).toBe('ok');
    return code;
  }

  /** @param content what the new system makes of it. */
  private async runCycle(ports: Ports, content: string): Promise<void> {
    const cycle = ++this.cycles;
    for (const name of ['a', 'b', 'c']) {
      const run = { do: 'run', partition: `q${String(cycle).padStart(3, '0')}${name}`, dies: 9, twice: false } as const;
      await this.run(ports, { ...run, system: 'old', content: 'good' });
      await this.run(ports, { ...run, system: 'new', content });
    }
    await gather(ports, this.stage.images.splice(0), this.stage.now());
  }

  private async run(
    ports: Ports,
    { partition, system, content, dies, twice }: Extract<Act, { do: 'run' }>,
  ): Promise<void> {
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
    const { now, state } = this.stage;
    const sweepId = `sweep-${++this.sweeps}`;
    const grants = { shadow: 9, 'reverse-shadow': 9, cleanup: 9 };
    const request = { sweepId, group: 0, shards: [shardOf(JOB)], grants, expiresAt: addSeconds(NOW, 999_999) };
    const begin = () => this.paused.set(sweepId, strengthOf(state.controls.get('fleet'), now()));
    begin();
    const { promotions } = await evaluateGroup(ports, request, now);
    for (const { jobId, to } of promotions) {
      begin();
      await commitPromotion(ports, { ...request, jobId, to }, now);
    }
  }

  /**
   * Everything that is under way ends: sweeps, the stream, and both systems once more over every partition. Where one of
   * them is stopped it is started again and kept so, since what nobody compares nobody finds to be wrong.
   */
  async comeToRest(): Promise<void> {
    const verb = (name: string) =>
      this.operate(this.stage.ports, { do: 'verb', verb: name, force: true, twice: false });
    await verb('resume');
    await this.operate(this.stage.ports, { do: 'verb', verb: 'hold', scope: 'promotions', twice: false });
    if (this.stage.job().phase === 'cleanup') await verb('demote');
    if (this.stage.job().phase === 'pending') await verb('promote');
    for (let round = 0; round < 4; round++) {
      this.stage.advance(60);
      await this.gatherAll();
      await this.act({ do: 'sweep' });
      const claimed = [...this.stage.state.claims.values()].map(({ partition }) => partition);
      for (const partition of new Set([...PARTITIONS, ...claimed]))
        for (const system of ['old', 'new'] as const)
          await this.act({ do: 'run', partition, system, content: 'good', dies: 9, twice: false });
    }
    await this.gatherAll();
  }

  async gatherAll(): Promise<void> {
    while (this.stage.images.length > 0) await this.act({ do: 'gather' });
  }

  expectPublishedContent(): void {
    for (const { partition, production, published } of this.stage.state.claims.values()) {
      const isOfIt = production && published && compareTokens(production.token, published.token) === 0;
      if (isOfIt) expect(this.destination.checksumOf(partition), partition).toBe(production.checksum);
    }
  }

  /** One step at a time along the table, each with one record, and an epoch for each of them and for each restart. */
  expectRecordsOfOneLife(first: Phase): void {
    const { state } = this.stage;
    const records = [...state.history.values()].sort((a, b) => a.version - b.version);
    let [phase, epoch] = [first, 1];
    for (const record of records) {
      if (isTransition(record)) {
        expect(record.from).toBe(phase);
        expect(findTransition(record.from, record.to), `${record.from} -> ${record.to}`).toBeDefined();
        phase = record.to;
      }
      if (isTransition(record) || record.type === 'restarted') epoch += 1;
      expect(record.epoch, `the epoch of version ${record.version}`).toBe(epoch);
    }
    expect(this.stage.job()).toMatchObject({ phase, epoch });
    // A rollback of several steps has a record for each.
    const done = records.flatMap((record) => {
      const { actor } = record;
      const requestId = actor.kind === 'operator' ? actor.requestId : undefined;
      return requestId === undefined ? [] : [`${requestId} ${isTransition(record) ? record.to : record.type}`];
    });
    expect(new Set(done).size, 'no request was carried out twice').toBe(done.length);
    const versions = [...state.fleetHistory.values()].map(({ version }) => version);
    const changes = state.controls.get('fleet')?.version ?? 0;
    expect(versions, 'one record a change of the controls').toEqual(Array.from({ length: changes }, (_, i) => i + 1));
  }
}

function watched<Next, Expected>(
  replace: (next: Next, expected: Expected) => Promise<Written>,
  watch: (next: Next, expected: Expected) => void,
): (next: Next, expected: Expected) => Promise<Written> {
  return async (next, expected) => {
    const written = await replace(next, expected);
    if (written.written) watch(next, expected);
    return written;
  };
}
