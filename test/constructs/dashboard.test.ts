/** The dashboard as CloudWatch will read it: it parses, fits, begins with what a person should do, and names no job. */
import { beforeAll, describe, expect, it } from 'vitest';
import { HANDLER_NAMES } from '../../lib/constructs/handlers.ts';
import { compositeAlarms, dashboardWidgets, metricAlarms, metricsOfWidget } from './monitoring.ts';
import { SYNTH_MS, thePlainStack } from './synth.ts';

beforeAll(() => void thePlainStack(), SYNTH_MS);

describe('the dashboard', () => {
  const widgets = () => dashboardWidgets(thePlainStack());
  const titled = (title: string) => widgets().find(({ properties }) => properties.title === title);

  it('fits into the 24 columns of CloudWatch, without a widget over another', () => {
    const taken = new Set<string>();
    for (const { x, y, width, properties } of widgets()) {
      expect(x + width, properties.title).toBeLessThanOrEqual(24);
      for (let column = x; column < x + width; column++) {
        expect(taken.has(`${column} ${y}`), properties.title).toBe(false);
        taken.add(`${column} ${y}`);
      }
    }
  });

  it('begins with what wants a person: the list, then every alarm', () => {
    const [text, list, alarms] = widgets();
    expect(text?.properties.markdown).toContain('docs/runbook.md');
    expect(list).toMatchObject({ type: 'custom', properties: { endpoint: 'Functions/widget.Arn' } });
    const known = [...metricAlarms(thePlainStack()).keys(), ...compositeAlarms(thePlainStack()).keys()];
    expect(alarms?.properties.alarms?.map((arn) => arn.replace(/^Alarms\/(\w+)\.Arn$/, '$1')).sort()).toEqual(
      known.sort(),
    );
  });

  it('stacks the jobs by phase, so that their sum is the fleet', () => {
    const phases = titled('jobs by phase')!;
    expect(phases.properties.stacked).toBe(true);
    expect(metricsOfWidget(phases).map(({ name }) => name)).toEqual([
      'PendingJobs',
      'ShadowJobs',
      'ReverseShadowJobs',
      'CleanupJobs',
      'CompleteJobs',
    ]);
  });

  it.each([
    ['promotions and demotions by sweeps', 'PromotedJobs'],
    ['attention by kind', 'HookFailedJobs'],
    ['stopped: 1 is on', 'BreakGlassPause'],
    ['evidence lag, in ms', 'IteratorAge'],
    ['dead letters', 'ApproximateNumberOfMessagesVisible'],
    ['the queue of landings: age of the oldest, in seconds', 'ApproximateAgeOfOldestMessage'],
    ['cost: state transitions', 'ExecutionsStarted'],
    ['cost: write units consumed by tables', 'ConsumedWriteCapacityUnits'],
  ])('draws %s', (title, metric) => {
    expect(metricsOfWidget(titled(title)!).map(({ name }) => name)).toContain(metric);
  });

  it('counts the calls of every function', () => {
    expect(metricsOfWidget(titled('cost: invocations')!)).toHaveLength(HANDLER_NAMES.length);
  });

  it('names no job', () => {
    for (const { dimensions } of widgets().flatMap(metricsOfWidget)) expect(dimensions.join()).not.toMatch(/job/i);
  });
});
