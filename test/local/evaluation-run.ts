/** Runs the state machine's file over tasks that do what their functions would; a test replaces the one that it is about. */
import { Executions } from '../../lib/local/executions.ts';

export const REQUEST = {
  sweepId: 'sweep-20261122T130000Z',
  group: 3,
  shards: [7, 8],
  grants: { shadow: 5 },
  expiresAt: '2026-11-22T13:13:30.000Z',
};
export const ITEMS = ['a', 'b', 'c'].map((jobId) => ({ jobId, to: 'shadow', weight: 1 }));
export const PROMOTIONS = ITEMS.map((item) => ({ ...item, step: 'commit' }));
const AT_ONCE = {
  Evaluate: 0,
  AskGate: 0,
  Prepare: 0,
  CommitPrepared: 0,
  AskAgain: 0,
  Settle: 0,
  Commit: 0,
  Account: 0,
  AccountForNothing: 0,
};

type Task = (input: never, attempt: number) => unknown;

/** Tasks that do what their functions would; a test replaces the one that it is about. */
export function run(tasks: { evaluate?: Task; hook?: Task; commit?: Task; account?: Task }) {
  const calls: { name: string; input: Record<string, unknown> }[] = [];
  const all: Record<string, Task> = {
    evaluate: () => ({ ...REQUEST, promotions: PROMOTIONS, demotions: [], failed: [], jobs: 9 }),
    commit: ({ jobId, to, weight }) => ({ jobId, to, weight, result: 'committed' }),
    hook: ({ outcome, ...input }: { outcome?: object }) => ({ result: 'settled', ...(outcome ?? input) }),
    account: () => ({ used: {} }),
    ...tasks,
  };
  const executions = new Executions({
    call: async (name, input) => {
      calls.push({ name, input: input as Record<string, unknown> });
      const attempt = calls.filter((call) => call.name === name && same(call.input, input)).length;
      return all[name]?.(input as never, attempt);
    },
    log: () => {},
    retryIntervals: AT_ONCE,
  });
  const { executionArn } = executions.start('sweep-20261122T130000Z-003', JSON.stringify(REQUEST));
  const ended = executions.idle(3_600_000).then(() => executions.describe(executionArn));
  const of = (name: string) => calls.filter((call) => call.name === name).map((call) => call.input);
  const accounted = () => of('account').at(-1)?.results;
  return { ended, of, accounted };
}

const same = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);

export function throwing(name: string, message = name): never {
  throw Object.assign(new Error(message), { name });
}
