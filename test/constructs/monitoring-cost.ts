/**
 * What watching a deployment costs in a month, counted in the synthesized template: list prices of us-east-1, no free tier.
 * An alarm is paid for by each metric that it looks at; a metric of AWS's own costs nothing.
 */
import { FLEET_METRICS } from '../../lib/constructs/metrics.ts';
import { compositeAlarms, metricAlarms, metricsOfAlarm } from './monitoring.ts';
import { resourcesOf, type Synthesized } from './synth.ts';

const DOLLARS = { dashboard: 3, alarmMetric: 0.1, composite: 0.5, customMetric: 0.3 };

export function renderMonitoringCost(synthesized: Synthesized): string {
  const alarms = [...metricAlarms(synthesized).values()];
  const rows = [
    { what: 'dashboard', count: resourcesOf(synthesized, 'AWS::CloudWatch::Dashboard').size, each: DOLLARS.dashboard },
    {
      what: `metrics that ${alarms.length} alarms look at`,
      count: alarms.reduce((sum, alarm) => sum + metricsOfAlarm(alarm).length, 0),
      each: DOLLARS.alarmMetric,
    },
    { what: 'composite alarms', count: compositeAlarms(synthesized).size, each: DOLLARS.composite },
    { what: 'metrics that the functions write', count: FLEET_METRICS.length, each: DOLLARS.customMetric },
  ].map((row) => ({ ...row, month: row.count * row.each }));
  const total = rows.reduce((sum, { month }) => sum + month, 0);
  return [
    '| what | count | each, $ | a month, $ |',
    '| --- | --- | --- | --- |',
    ...rows.map(({ what, count, each, month }) => `| ${what} | ${count} | ${each.toFixed(2)} | ${month.toFixed(2)} |`),
    `| **together** | | | **${total.toFixed(2)}** |`,
  ].join('\n');
}
