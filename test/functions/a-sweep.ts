/**
 * A sweep as it runs once deployed, over the ports in memory: the real handlers, one after the other as the state machine
 * calls them, and what each wrote to its log. `flights-atl` is promoted, `flights-bos` is demoted. Used by tests that mock
 * `functions/stores.ts` and `functions/deciding.ts` with the stage (`vi.mock` works in a test's own file only).
 */
import { vi } from 'vitest';
import { configure } from '../../functions/runtime.ts';
import type { HandlerName } from '../../lib/constructs/handlers.ts';
import { shardOf } from '../../lib/domain/hash.ts';
import { addSeconds, toMs } from '../../lib/domain/time.ts';
import { aJob, NOW } from '../builders/records.ts';
import { aReadyStage, regress, runBoth, type Stage } from '../controller/stage.ts';

export interface Line {
  by: HandlerName;
  [field: string]: unknown;
}

/** What the functions wrote, each line as CloudWatch gets it. */
export class Lines {
  readonly all: Line[] = [];

  async of(by: HandlerName, event: object): Promise<Record<string, unknown>> {
    const { handler } = (await import(`../../functions/${by}.ts`)) as { handler(event: object): Promise<object> };
    const write = vi.spyOn(process.stdout, 'write').mockImplementation(() => true);
    try {
      return { ...(await handler(event)) };
    } finally {
      const texts = write.mock.calls.map(([text]) => String(text));
      write.mockRestore();
      this.all.push(...texts.map((text) => ({ ...(JSON.parse(text) as object), by })));
    }
  }

  named(message: string): Line[] {
    return this.all.filter((line) => line.message === message);
  }
}

export async function aStageWithWork(): Promise<Stage> {
  const regressing = 'flights-bos';
  const stage = await aReadyStage('shadow', { jobs: [aJob({ jobId: regressing, phase: 'reverse-shadow' })] });
  await runBoth(stage, ['p1', 'p2', 'p3'], { jobId: regressing });
  await regress(stage, regressing);
  for (const jobId of stage.state.jobs.keys()) await stage.ports.fleet.ensureShard(shardOf(jobId));
  configure({ now: () => toMs(stage.now()) });
  return stage;
}

/** @param started what the state machine was given, by the mock of `lib/aws/executions.ts`. */
export async function sweepOnce(stage: Stage, started: object[], lines: Lines): Promise<string> {
  const scheduledAt = addSeconds(NOW, 900);
  stage.advance((toMs(scheduledAt) - toMs(stage.now())) / 1000 + 4);
  const { sweepId } = (await lines.of('fan-out', { scheduledAt })) as { sweepId: string };
  for (const input of started as { group: number }[]) await evaluateGroup(lines, input);
  return sweepId;
}

async function evaluateGroup(lines: Lines, input: object & { group: number }): Promise<void> {
  const evaluated = await lines.of('evaluate', input);
  const { sweepId, group, expiresAt, promotions } = evaluated as {
    sweepId: string;
    group: number;
    expiresAt: string;
    promotions: object[];
  };
  const results: object[] = [];
  for (const promotion of promotions)
    results.push(await lines.of('commit', { sweepId, group, expiresAt, ...promotion }));
  await lines.of('account', { sweepId, group, input, results });
}
