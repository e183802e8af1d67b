/**
 * The fleet in memory, as the local dashboard reads it: a row of every job, kept by the new images of what is written and
 * never by reading the tables again. Images are put aside when they come and decoded when somebody looks, or when many
 * wait, so that writers do not. Everything has a revision, so that a browser is told what changed since it last asked.
 */
import { decodeEvidenceImage, decodeFleetImage, decodeJobImage, type WrittenImage } from '../aws/stream.ts';
import type { Table } from '../aws/tables.ts';
import { type Controls, NO_CONTROLS } from '../domain/controls.ts';
import type { Evidence } from '../domain/evidence.ts';
import { activeHold, type Hold, type Job } from '../domain/job.ts';
import { PHASES, type Phase } from '../domain/phases.ts';
import { type Instant, toMs } from '../domain/time.ts';
import type { HistoryRecord } from '../domain/transition.ts';
import { assessCoverage, type CoverageLimits, type EvidenceFacts, summarizeEvidence } from '../view/coverage.ts';
import { encodeChange, type FleetChange, type FleetVersion } from '../view/fleet-encoding.ts';
import { type FleetRow, stateOf } from '../view/fleet-row.ts';
import { FleetFlow } from './fleet-flow.ts';

export interface FleetModelOptions {
  /** Of this process: what a browser knows from another one is of no use. */
  run: string;
  limitsOf: (policy: string) => CoverageLimits | undefined;
  now: () => Instant;
  log: (message: string) => void;
}

export interface FleetEntry {
  row: FleetRow;
  facts: EvidenceFacts | undefined;
}

interface Known extends FleetEntry {
  hold: Hold | undefined;
  retired: boolean;
  version: number;
  evidenceVersion: number;
  /** The revisions in which the row last looked different, and in which anything of the job was written. */
  changed: number;
  touched: number;
}

/** Time alone makes evidence stale; more often than this nobody would see it. */
const REASSESS_MS = 60_000;
/** Images are much larger than rows, so that not all of a fleet's may wait for somebody to look. */
const MOST_WAITING = 2_000;

export class FleetModel {
  readonly flow = new FleetFlow();
  readonly #options: FleetModelOptions;
  readonly #known = new Map<string, Known>();
  /** Of jobs that are not known yet. */
  readonly #earlyFacts = new Map<string, { facts: EvidenceFacts; version: number }>();
  readonly #waiting = new Map<string, { table: Table; image: WrittenImage }>();
  #sorted: Known[] | undefined;
  #revision = 1;
  #assessedMs = 0;
  #controls: Controls = NO_CONTROLS;
  #counts = new Map<Phase, number>();
  #sweptAt: Instant | undefined;
  loading = false;

  constructor(options: FleetModelOptions) {
    this.#options = options;
  }

  /** For the tables' write listener. Of several images of one item the last is enough. */
  readonly observe = (table: Table, image: WrittenImage): void => {
    if (table === 'jobs' && image.record?.S !== 'job') return;
    const key = table === 'fleet' ? `${image.kind?.S} ${image.id?.S}` : (image.jobId?.S ?? '');
    if (table === 'fleet' && !/^(controls|ledger) /.test(key)) return;
    this.#waiting.set(`${table} ${key}`, { table, image });
    if (this.#waiting.size >= MOST_WAITING) this.sync();
  };

  readonly observeHistory = (record: HistoryRecord): void => {
    this.flow.take(record);
  };

  /** Decodes what was put aside. Everything below is as of the last call. */
  sync(): void {
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { table, image } of waiting) {
      try {
        this.#decode(table, image);
      } catch (error) {
        this.#options.log(`dashboard: an item of ${table} is not shown: ${String(error)}`);
      }
    }
    const nowMs = toMs(this.#options.now());
    if (Math.abs(nowMs - this.#assessedMs) < REASSESS_MS) return;
    this.#assessedMs = nowMs;
    for (const known of this.#known.values()) this.#assess(known);
  }

  get version(): FleetVersion {
    return { run: this.#options.run, revision: this.#revision };
  }

  get now(): Instant {
    return this.#options.now();
  }

  /** When the last sweep began, also one of an earlier process. */
  get sweptAt(): Instant | undefined {
    return this.#sweptAt;
  }

  get controls(): Controls {
    return this.#controls;
  }

  /** In text order of their ids. */
  entries(): readonly FleetEntry[] {
    this.#sorted ??= [...this.#known.values()]
      .filter(({ retired }) => !retired)
      .sort((a, b) => (a.row.jobId < b.row.jobId ? -1 : 1));
    return this.#sorted;
  }

  counts(): Record<Phase, number> {
    return Object.fromEntries(PHASES.map((phase) => [phase, this.#counts.get(phase) ?? 0])) as Record<Phase, number>;
  }

  /** What looks different since a revision; nothing where it is more than `limit`. */
  changesSince(revision: number, limit: number): FleetChange[] | undefined {
    const changes: FleetChange[] = [];
    if (revision >= this.#revision) return changes;
    const { now } = this;
    for (const { row, retired, changed } of this.#known.values()) {
      if (changed <= revision) continue;
      if (changes.length === limit) return undefined;
      changes.push(retired ? [row.jobId] : encodeChange(row, now));
    }
    return changes;
  }

  touchedSince(jobId: string, revision: number): boolean {
    return (this.#known.get(jobId)?.touched ?? 0) > revision;
  }

  limitsOf(row: FleetRow): CoverageLimits | undefined {
    return this.#options.limitsOf(row.policy);
  }

  takeJob(job: Job): void {
    const before = this.#known.get(job.jobId);
    if (before && before.version >= job.version) return;
    const early = this.#earlyFacts.get(job.jobId);
    this.#earlyFacts.delete(job.jobId);
    const known: Known = before ?? {
      row: rowOf(job),
      facts: early?.facts,
      hold: undefined,
      retired: false,
      version: 0,
      evidenceVersion: early?.version ?? 0,
      changed: 0,
      touched: 0,
    };
    if (before && !before.retired) this.#count(before.row.phase, -1);
    if (!before || before.retired !== (job.retired !== undefined)) this.#sorted = undefined;
    const seen = before && lookOf(before);
    Object.assign(known, { hold: job.hold, retired: job.retired !== undefined, version: job.version });
    known.row = { ...rowOf(job), coverage: known.row.coverage };
    if (!known.retired) this.#count(job.phase, 1);
    this.#known.set(job.jobId, known);
    known.touched = ++this.#revision;
    this.#assess(known, seen ?? '');
  }

  takeEvidence(evidence: Evidence): void {
    const { jobId, version } = evidence;
    const known = this.#known.get(jobId);
    const { version: seen = 0 } = this.#earlyFacts.get(jobId) ?? {};
    if (version <= (known?.evidenceVersion ?? seen)) return;
    const facts = summarizeEvidence(evidence);
    if (!known) {
      this.#earlyFacts.set(jobId, { facts, version });
      return;
    }
    Object.assign(known, { facts, evidenceVersion: version, touched: ++this.#revision });
    this.#assess(known);
  }

  takeControls(controls: Controls): void {
    if (controls.version <= this.#controls.version) return;
    this.#controls = controls;
    this.#revision += 1;
  }

  takeSweep(createdAt: Instant): void {
    if (this.#sweptAt === undefined || createdAt > this.#sweptAt) this.#sweptAt = createdAt;
    this.#revision += 1;
  }

  #decode(table: Table, image: WrittenImage): void {
    if (table === 'evidence') this.takeEvidence(decodeEvidenceImage(image));
    if (table === 'jobs') {
      const decoded = decodeJobImage(image);
      if (decoded.kind === 'job') this.takeJob(decoded.job);
    }
    if (table !== 'fleet') return;
    const decoded = decodeFleetImage(image);
    if (decoded?.kind === 'controls') this.takeControls(decoded.controls);
    if (decoded?.kind === 'ledger') {
      const { sweepId, createdAt } = decoded.ledger;
      this.flow.beginSweep(sweepId, createdAt);
      this.takeSweep(createdAt);
    }
  }

  /** @param before how the row looked. */
  #assess(known: Known, before = lookOf(known)): void {
    const { row, facts, hold } = known;
    const now = this.#options.now();
    row.coverage = assessCoverage(row.phase, facts, this.limitsOf(row), toMs(now));
    row.held = hold !== undefined && activeHold({ hold }, now) !== undefined;
    if (lookOf(known) === before) return;
    this.#revision += 1;
    known.changed = this.#revision;
  }

  #count(phase: Phase, by: number): void {
    this.#counts.set(phase, (this.#counts.get(phase) ?? 0) + by);
  }
}

function rowOf(job: Job): FleetRow {
  const { jobId, team, wave, policy, phase, phaseSince, epoch, attention, proposal } = job;
  const proposed = proposal !== undefined;
  return { jobId, team, wave, policy, phase, phaseSince, epoch, attention, held: false, proposed, coverage: 'missing' };
}

/** Everything of a row that a browser shows. */
function lookOf({ row, retired }: Known): string {
  return `${retired} ${row.phase} ${row.phaseSince} ${stateOf(row)} ${row.coverage} ${row.attention?.kind} ${row.team} ${row.wave}`;
}
