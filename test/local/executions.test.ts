import { describe, expect, it } from 'vitest';
import { Executions, type ExecutionsOptions } from '../../lib/local/executions.ts';

const INPUT = JSON.stringify({ sweepId: 's', group: 0, shards: [], grants: {}, expiresAt: 'e' });

/** Executions that evaluate nothing, slowly where a gate is given. */
function anExecutions(gate: Promise<unknown> = Promise.resolve(), options: Partial<ExecutionsOptions> = {}) {
  let running = 0;
  const seen = { most: 0, started: 0 };
  const executions = new Executions({
    async call(name) {
      if (name === 'account') return {};
      seen.started += 1;
      seen.most = Math.max(seen.most, ++running);
      await gate;
      running -= 1;
      return { ...JSON.parse(INPUT), promotions: [] };
    },
    log: () => {},
    ...options,
  });
  return { executions, seen };
}

function aGate() {
  let open = () => {};
  const gate = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { gate, open };
}

describe('starting an execution', () => {
  it('again with the same input, while it runs, answers the same and starts nothing', async () => {
    const { gate, open } = aGate();
    const { executions, seen } = anExecutions(gate);
    const first = executions.start('a', INPUT);
    expect(executions.start('a', INPUT)).toEqual(first);
    open();
    await executions.idle(5_000);
    expect(seen.started).toBe(1);
    expect(executions.describe(first.executionArn)).toMatchObject({ status: 'SUCCEEDED', input: INPUT });
  });

  it('refuses the same name with another input, and any input once it has ended', async () => {
    const { executions } = anExecutions();
    executions.start('a', INPUT);
    expect(() => executions.start('a', '{}')).toThrow(expect.objectContaining({ code: 'ExecutionAlreadyExists' }));
    await executions.idle(5_000);
    expect(() => executions.start('a', INPUT)).toThrow(expect.objectContaining({ code: 'ExecutionAlreadyExists' }));
  });

  it('runs so many at once and keeps the others waiting, up to a limit that it names', async () => {
    const { gate, open } = aGate();
    const { executions, seen } = anExecutions(gate, { maxRunning: 2, maxWaiting: 3 });
    for (const name of ['a', 'b', 'c', 'd', 'e']) executions.start(name, INPUT);
    expect(executions.counts()).toEqual({ running: 2, waiting: 3 });
    expect(() => executions.start('f', INPUT)).toThrow(expect.objectContaining({ code: 'ExecutionLimitExceeded' }));
    open();
    await executions.idle(5_000);
    expect(seen).toEqual({ most: 2, started: 5 });
  });

  it('forgets the oldest that ended, and never one that runs', async () => {
    const { executions } = anExecutions(undefined, { remembered: 2 });
    for (const name of ['a', 'b', 'c']) {
      executions.start(name, INPUT);
      await executions.idle(5_000);
    }
    const arn = executions.start('d', INPUT).executionArn;
    expect(executions.describe(arn).status).toBe('RUNNING');
    expect(() => executions.describe(arn.replace(/d$/, 'a'))).toThrow('Does Not Exist');
    await executions.idle(5_000);
  });

  it('refuses names and inputs that Step Functions would', () => {
    const { executions } = anExecutions();
    for (const name of ['', 'a b', 'a/b', 'x'.repeat(81)]) {
      expect(() => executions.start(name, INPUT)).toThrow(expect.objectContaining({ code: 'InvalidName' }));
    }
    expect(() => executions.start('a', '{')).toThrow(expect.objectContaining({ code: 'InvalidExecutionInput' }));
  });

  it('ends what runs and what waits when it is aborted', async () => {
    const { executions } = anExecutions(new Promise(() => {}), { maxRunning: 1 });
    const arns = ['a', 'b'].map((name) => executions.start(name, INPUT).executionArn);
    executions.abort();
    await executions.idle(5_000);
    expect(arns.map((arn) => executions.describe(arn).status)).toEqual(['ABORTED', 'ABORTED']);
  });
});
