/**
 * Hooks that answer whatever they like, in any order, around sweeps that die and people who interfere: no automatic promotion
 * commits without the team's word in its epoch, and whatever happens is told in the end, once for each transition, in order.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { demote, promote, restart } from '../../lib/controller/override.ts';
import type { Hooks } from '../../lib/controller/ports.ts';
import type { HookRequest } from '../../lib/domain/hook.ts';
import { isTransition } from '../../lib/domain/transition.ts';
import { aReadyStage, Crash, runBoth, type Stage } from './stage.ts';
import { ALL, by, JOB, type Reply, says, sweep } from './team.ts';

const ANSWERS: Record<string, Reply> = {
  pass: says('pass'),
  fail: says('fail'),
  'not-yet': says('not-yet'),
  nonsense: { answered: 42 },
  silence: { failed: 'no answer within 60 s' },
};

type Action = { do: 'sweep'; crashAfter: number } | { do: 'pairs' | 'demote' | 'promote' | 'restart' | 'wait' };

const action: fc.Arbitrary<Action> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('sweep' as const), crashAfter: fc.integer({ min: 1, max: 60 }) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom('pairs', 'demote', 'promote', 'restart', 'wait'),
    }) as fc.Arbitrary<Action>,
  },
);

interface Asked {
  request: HookRequest;
  answer: string;
}

/** A team that takes its answers from the list, and passes when that is used up. */
function aFickleTeam(answers: readonly string[]): { hooks: Hooks; asked: Asked[] } {
  const asked: Asked[] = [];
  const hooks: Hooks = {
    async call(_name, request) {
      const answer = answers[asked.length] ?? 'pass';
      asked.push({ request, answer });
      return ANSWERS[answer] as Reply;
    },
  };
  return { hooks, asked };
}

let partitions = 0;

async function act(stage: Stage, hooks: Hooks, one: Action): Promise<void> {
  switch (one.do) {
    case 'sweep':
      stage.crashAfter(one.crashAfter);
      try {
        await sweep(stage, hooks);
      } catch (error) {
        // A group that dies in a shard says so for all of its shards.
        if (!(error instanceof Crash || String(error).includes('died after'))) throw error;
      }
      stage.crashAfter(Number.POSITIVE_INFINITY);
      return;
    case 'pairs':
      return runBoth(
        stage,
        [1, 2, 3].map(() => `q${String(++partitions).padStart(6, '0')}`),
      );
    case 'wait':
      return stage.advance(86_400);
    case 'demote':
      await demote(stage.ports, by, stage.now);
      return;
    case 'promote':
      await promote(stage.ports, { ...by, force: true }, stage.now);
      return;
    case 'restart':
      await restart(stage.ports, by, stage.now);
  }
}

const transitionsOf = (stage: Stage) =>
  [...stage.state.history.values()].filter(isTransition).sort((a, b) => a.version - b.version);

describe('whatever hooks answer, and whoever dies or interferes', () => {
  it('no automatic promotion is without its gate and its preparation, and every transition is told once, in order', async () => {
    const seen = { promoted: 0, refused: 0, told: 0, toldAgain: 0 };
    await fc.assert(
      fc.asyncProperty(
        fc.array(action, { minLength: 4, maxLength: 14 }),
        fc.array(fc.constantFrom(...Object.keys(ANSWERS)), { maxLength: 20 }),
        async (actions, answers) => {
          const stage = await aReadyStage('shadow', ALL);
          const { hooks, asked } = aFickleTeam(answers);
          for (const one of actions) await act(stage, hooks, one);

          for (const { type, actor, to, epoch } of transitionsOf(stage)) {
            if (type !== 'promotion' || actor.kind !== 'automation' || to !== 'reverse-shadow') continue;
            seen.promoted += 1;
            for (const step of ['gate', 'prepare']) {
              const last = asked.findLast(({ request }) => request.step === step && request.job.epoch === epoch - 1);
              expect(last?.answer, `${step} before epoch ${epoch}`).toBe('pass');
            }
          }

          // Nobody interferes any more, and the hooks answer.
          for (let time = 0; time < 40 && stage.job().hooks?.debts; time++) {
            stage.advance(86_400);
            await sweep(stage, hooks);
          }
          const owed = transitionsOf(stage).filter(({ to }) => to === 'shadow' || to === 'reverse-shadow');
          const told = asked.filter(({ request, answer }) => request.step === 'settle' && answer === 'pass');
          const keys = [...new Set(told.map(({ request }) => request.idempotencyKey))];
          seen.refused += asked.filter(({ request, answer }) => request.step !== 'settle' && answer !== 'pass').length;
          seen.told += keys.length;
          seen.toldAgain += asked.filter(({ request }) => request.step === 'settle').length - keys.length;
          expect(stage.job().hooks?.debts).toBeUndefined();
          expect(keys).toEqual(owed.map(({ to, epoch }) => `${JOB}/${epoch}/${to}/settle`));
        },
      ),
      { numRuns: 150 },
    );
    for (const [what, count] of Object.entries(seen)) expect(count, what).toBeGreaterThan(0);
  }, 60_000);
});
