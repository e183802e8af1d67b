/**
 * The records outside of the actors, each in a slot: the job with its past, its history, the claims, the destination, the
 * controls, the evidence, a wire. Applying a call is pure: the value of its slot is put into in-memory stores of its own,
 * the call is made there, and what comes out is every way in which it may be answered, with the slot's value afterwards.
 * The destination keeps the highest token, as the design asks of a `fenced` job.
 */
import type { ClauseName, Written } from '../../lib/controller/clauses.ts';
import { type Claim, isQuarantined } from '../../lib/domain/claim.ts';
import type { Job } from '../../lib/domain/job.ts';
import type { System } from '../../lib/domain/phases.ts';
import type { HistoryRecord } from '../../lib/domain/transition.ts';
import { keyOf } from '../memory/listing.ts';
import { createMemoryPorts } from '../memory/ports.ts';
import { emptyState, type MemoryState } from '../memory/state.ts';
import { type Call, isWritten, JOB_ID, type TeamAsked } from './calls.ts';

export interface JobSlot {
  job: Job;
  /** The job as it was before each phase change: what an eventually consistent read may still answer. */
  past: readonly Job[];
}

/** Each record of the history, and how often it was written: each write is an event to the outside. */
export type HistorySlot = Readonly<Record<number, { record: HistoryRecord; writes: number }>>;

export interface DestinationSlot {
  token: string;
  checksum: string;
  by: System;
}

/** What a team has said `pass` to: questions by their keys, and transitions that it was told of, by version, in that order. */
export interface TeamSlot {
  passed: readonly string[];
  told: readonly number[];
}

/** What a run may be without, to see what breaks. `destination-fence` is the integration's part. */
export type Removed = ClauseName | 'destination-fence';

export interface Outcome {
  answer: unknown;
  value: unknown;
  /** It takes a fault for this to happen. */
  fault?: true;
}

export interface Rules {
  without?: Removed | undefined;
  /** Eventually consistent reads may answer any earlier phase. */
  staleReads: boolean;
}

/** Every way to answer the call. None: the caller waits. */
export async function applyCall(call: Call, value: unknown, rules: Rules): Promise<Outcome[]> {
  if (call.port === 'wire' || call.port === 'stream') return applyToPipes(call, value);
  if (call.port === 'team') return answerAsTeam(call.args[0] as TeamAsked, value as TeamSlot);
  if (call.port === 'hand') return [restore(call, value as JobSlot)];
  if (call.port === 'destination') return [publish(call, value as DestinationSlot | null, rules)];
  const outcome = await applyToStores(call, value, rules);
  const { answer } = outcome;
  if (isWritten(answer)) {
    // A write that took place may also look lost: its answer did not arrive, and the client's retry found it done.
    const lost = call.method === 'create' ? 'claim-is-absent' : 'claim-revision-unchanged';
    return [outcome, { ...outcome, answer: { written: false, lost } satisfies Written, fault: true }];
  }
  if (call.port === 'jobs' && call.args[1] === 'eventual' && rules.staleReads) {
    return [outcome, ...(value as JobSlot).past.map((past) => ({ ...outcome, answer: past }))];
  }
  return [outcome];
}

async function applyToStores(call: Call, value: unknown, { without }: Rules): Promise<Outcome> {
  const state = emptyState();
  const [kind = ''] = call.slot.split(' ');
  const slot = SLOTS[kind];
  if (!slot) throw new Error(`${call.slot} is no slot of the stores`);
  slot.load(state, value);
  const clause = without === 'destination-fence' ? undefined : without;
  const ports = createMemoryPorts({ state, ...(clause && { without: clause }) });
  const methods = ports[call.port as 'jobs' | 'claims' | 'evidence' | 'fleet'] as unknown as Record<
    string,
    (...args: readonly unknown[]) => Promise<unknown>
  >;
  const answer = await methods[call.method]?.(...call.args);
  return { answer, value: slot.save(state, value, isWritten(answer) ? call : undefined) };
}

interface Slot {
  load(state: MemoryState, value: unknown): void;
  /** The slot's value after the call; `write` is the call if it wrote. */
  save(state: MemoryState, before: unknown, write: Call | undefined): unknown;
}

const SLOTS: Record<string, Slot> = {
  job: {
    load: ({ jobs }, value) => jobs.set(JOB_ID, (value as JobSlot).job),
    save({ jobs }, before) {
      const { job, past } = before as JobSlot;
      const next = jobs.get(JOB_ID) as Job;
      return next === job ? before : { job: next, past: next.phase === job.phase ? past : [...past, job] };
    },
  },
  history: {
    load({ history }, value) {
      for (const { record } of Object.values(value as HistorySlot)) history.set(keyOf(JOB_ID, record.version), record);
    },
    save(_, before, write) {
      if (!write) return before;
      const record = write.args[0] as HistoryRecord;
      const writes = (before as HistorySlot)[record.version]?.writes ?? 0;
      return { ...(before as HistorySlot), [record.version]: { record, writes: writes + 1 } };
    },
  },
  claim: {
    load({ claims }, value) {
      const claim = value as Claim | null;
      if (claim) claims.set(keyOf(JOB_ID, claim.partition), claim);
    },
    save: ({ claims }) => [...claims.values()][0] ?? null,
  },
  evidence: single('evidence', JOB_ID),
  controls: single('controls', 'fleet'),
};

function single(table: 'evidence' | 'controls', key: string): Slot {
  return {
    load: (state, value) => (state[table] as Map<string, unknown>).set(key, value),
    save: (state) => state[table].get(key),
  };
}

function restore({ args }: Call, { job, past }: JobSlot): Outcome {
  return { answer: undefined, value: { job: { ...job, phase: args[0] as Job['phase'] }, past } satisfies JobSlot };
}

function publish({ args }: Call, held: DestinationSlot | null, { without }: Rules): Outcome {
  const [, by, token, checksum] = args as [string, System, string, string];
  const refused = held !== null && token < held.token && without !== 'destination-fence';
  return { answer: !refused, value: refused ? held : ({ token, checksum, by } satisfies DestinationSlot) };
}

/** A team says what it likes, whenever it likes; only its `pass` means anything. */
function answerAsTeam({ step, idempotencyKey, version }: TeamAsked, team: TeamSlot): Outcome[] {
  const says = (answer: string) => ({ answered: { schemaVersion: 1, answer } });
  const passed: TeamSlot =
    step === 'settle' && version !== undefined
      ? { ...team, told: team.told.includes(version) ? team.told : [...team.told, version] }
      : { ...team, passed: [...new Set([...team.passed, idempotencyKey])].sort() };
  return [
    { answer: says('pass'), value: passed },
    { answer: says('not-yet'), value: team },
    { answer: says('fail'), value: team },
  ];
}

function applyToPipes({ port, method, args }: Call, value: unknown): Outcome[] {
  if (port === 'stream') return value && isQuarantined(value as Claim) ? [{ answer: value, value }] : [];
  if (method === 'copy') return [{ answer: undefined, value: args[0] }];
  return value === null ? [] : [{ answer: value, value }];
}
