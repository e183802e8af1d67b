import { describe, expect, it } from 'vitest';
import { FleetFlow, SWEEPS_KEPT } from '../../lib/local/fleet-flow.ts';
import { type FlowSweep, renderFlow } from '../../lib/view/fleet-flow.ts';
import { aTransition, NOW } from '../builders/records.ts';

const COUNTS = { pending: 1, shadow: 500, 'reverse-shadow': 1_499, cleanup: 0, complete: 0 };
const render = (sweeps: readonly FlowSweep[]) => renderFlow({ counts: COUNTS, sweeps, room: SWEEPS_KEPT }).toString();

describe('the flow of a fleet', () => {
  it('counts what each sweep moved, and what people moved to the sweep before it', () => {
    const flow = new FleetFlow();
    flow.beginSweep('s1', NOW);
    flow.take(aTransition({ actor: { kind: 'automation', sweepId: 's1' } }));
    flow.take(aTransition({ actor: { kind: 'automation', sweepId: 's1' } }));
    flow.take(
      aTransition({
        type: 'demotion',
        from: 'reverse-shadow',
        to: 'shadow',
        actor: { kind: 'operator', name: 'ana', verified: false },
      }),
    );
    flow.take(aTransition({ actor: { kind: 'automation', sweepId: 's2' } }));
    expect(
      flow.sweeps.map(({ sweepId, moves }) => [sweepId, moves.map(({ to, byHand, count }) => [to, byHand, count])]),
    ).toEqual([
      [
        's1',
        [
          ['shadow', false, 2],
          ['shadow', true, 1],
        ],
      ],
      ['s2', [['shadow', false, 1]]],
    ]);
  });

  it('keeps the last sweeps and no more', () => {
    const flow = new FleetFlow();
    for (let sweep = 0; sweep < 200; sweep++) flow.beginSweep(`s${sweep}`, NOW);
    expect(flow.sweeps).toHaveLength(SWEEPS_KEPT);
    expect(flow.sweeps.at(-1)?.sweepId).toBe('s199');
  });

  it('shows how many jobs are in each phase, and how many went between', () => {
    const sweeps = [
      {
        sweepId: 's',
        at: NOW,
        moves: [
          { from: 'pending' as const, to: 'shadow' as const, type: 'promotion' as const, byHand: false, count: 1_200 },
        ],
      },
    ];
    const page = render(sweeps);
    expect(page).toContain('1,499');
    expect(page).toContain('below 1 %');
    expect(page).toContain('1,200 <span aria-hidden="true">&rarr;</span>');
    expect(page).toContain(
      'The last sweep: <span class="onward">1,200 promoted</span>, <span class="back">0 demoted</span>',
    );
  });

  it('says so when there was no sweep, instead of drawing nothing', () => {
    expect(render([])).toContain('No sweep since this process began.');
    expect(render([])).not.toContain('<svg');
  });
});
