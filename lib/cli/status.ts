/** `status`: the fleet by phase, what needs attention, the last sweep and what is stopped. */

import type { Deployment } from '../aws/deployment.ts';
import { ATTENTION_KINDS } from '../domain/attention.ts';
import { type Comparison, describeWaveGate, MEASURES, ratioOf, sumComparisons } from '../domain/comparison.ts';
import { activePause, breakerIsOpen } from '../domain/controls.ts';
import { PHASES } from '../domain/phases.ts';
import { type Instant, toInstant } from '../domain/time.ts';
import { pc } from './colours.ts';
import { type Output, show } from './output.ts';
import { moment, printable, renderTable } from './table.ts';

export async function showStatus(
  { name, fleet }: Deployment,
  output: Output,
  now: Instant = toInstant(Date.now()),
): Promise<void> {
  const [summaries, controls, ledgers] = await Promise.all([
    fleet.listSummaries(),
    fleet.getControls(),
    fleet.listLedgers(1),
  ]);
  const sum = <K extends string>(
    keys: readonly K[],
    of: (summary: (typeof summaries)[number]) => Partial<Record<K, number>>,
  ) =>
    Object.fromEntries(
      keys.map((key) => [key, summaries.reduce((total, summary) => total + (of(summary)[key] ?? 0), 0)]),
    ) as Record<K, number>;
  const byPhase = sum(PHASES, (summary) => summary.counts);
  const attention = sum(ATTENTION_KINDS, (summary) => summary.attention);
  const ready = sum(PHASES, (summary) => summary.ready);
  const demoted = summaries.reduce((total, summary) => total + summary.demoted, 0);
  const jobs = summaries.reduce((total, summary) => total + summary.jobs, 0);
  const lastSweep = ledgers[0]?.sweepId;
  const pause = activePause(controls, now);
  const breakerOpenUntil = breakerIsOpen(controls, now) ? controls.breakerOpenUntil : undefined;
  const waveGate = ledgers[0]?.waveGate;
  const compared = Object.entries(sumComparisons(summaries.map((summary) => summary.compared ?? {})))
    .map(([group, comparison]) => ({ group, ...ratiosOf(comparison) }))
    .sort((a, b) => b.group.localeCompare(a.group, 'en', { numeric: true }));
  const value = { jobs, byPhase, ready, demoted, attention, lastSweep, pause, breakerOpenUntil, waveGate, compared };
  show(output, value, () => {
    const bar = (count: number) => '█'.repeat(jobs === 0 ? 0 : Math.ceil((count / jobs) * 30));
    const lines = [
      lastSweep ? `${jobs} jobs, ${name}` : `${name}: jobs are counted by sweeps, and none has run yet`,
      '',
      renderTable(
        ['phase', 'jobs', ''],
        PHASES.map((phase) => [phase, String(byPhase[phase]), bar(byPhase[phase])]),
        output.width,
      ),
      '',
    ];
    const waiting = PHASES.filter((phase) => ready[phase] > 0).map((phase) => `${ready[phase]} for ${phase}`);
    if (waiting.length > 0) lines.push(`ready when last evaluated, in weight: ${waiting.join(', ')}`);
    if (demoted > 0) lines.push(`demoted by the last evaluation of each shard: ${demoted}`);
    lines.push(...describeWaves(compared, output.width));
    if (waveGate) lines.push(pc.yellow(describeWaveGate(waveGate)));
    const urgent = ATTENTION_KINDS.filter((kind) => attention[kind] > 0);
    lines.push(
      !lastSweep
        ? 'what needs attention is not known yet'
        : urgent.length === 0
          ? 'nothing needs attention'
          : `needs attention: ${urgent.map((kind) => `${attention[kind]} ${kind}`).join(', ')}`,
      lastSweep ? `last sweep: ${lastSweep}` : 'no sweep has run yet: crossfade sweep runs one',
    );
    if (pause)
      lines.push(
        pc.yellow(
          `paused (${pause.scope}) by ${printable(pause.actor)} since ${moment(pause.at)}${pause.until ? ` until ${moment(pause.until)}` : ''}: ${printable(pause.reason)}`,
        ),
      );
    if (breakerOpenUntil)
      lines.push(`breaker: promotions stop until ${moment(breakerOpenUntil)}; resume --breaker closes it`);
    if (urgent.length > 0) lines.push('', 'next: crossfade attention');
    return lines.join('\n');
  });
}

type Ratios = Partial<Record<(typeof MEASURES)[number], { ratio: number | undefined; jobs: number }>>;

/** New over old and over how many jobs, for each measure that was compared. */
function ratiosOf(comparison: Comparison): Ratios {
  return Object.fromEntries(
    MEASURES.flatMap((measure) => {
      const sum = comparison[measure];
      return sum ? [[measure, { ratio: ratioOf(measure, sum), jobs: sum.jobs }]] : [];
    }),
  );
}

/** Waves only: teams are many, and in `--json`. */
function describeWaves(compared: readonly ({ group: string } & Ratios)[], width: number): string[] {
  const waves = compared.filter(({ group }) => group.startsWith('wave:'));
  if (waves.length === 0) return [];
  const figure = (measure: Ratios[keyof Ratios]) =>
    measure?.ratio === undefined ? '-' : `x ${measure.ratio.toFixed(2)} (${measure.jobs} jobs)`;
  const rows = waves
    .toReversed()
    .map(({ group, lag, compute, storage }) => [
      group.slice('wave:'.length),
      figure(lag),
      figure(compute),
      figure(storage),
    ]);
  return [renderTable(['wave: new over old', 'lag', 'compute', 'storage'], rows, width), ''];
}
