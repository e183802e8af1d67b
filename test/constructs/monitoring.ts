/**
 * What a synthesized stack watches: the metrics of its alarms and of its dashboard, read from the template as CloudWatch will
 * read them. References become the names that people know, so that a dashboard's body is JSON.
 */
import { namesOf, type Resource, resourcesOf, type Synthesized } from './synth.ts';

export interface WatchedMetric {
  namespace: string;
  name: string;
  dimensions: string[];
}

export interface AlarmProperties {
  AlarmDescription: string;
  AlarmActions?: unknown[];
  OKActions?: unknown[];
  TreatMissingData?: string;
  AlarmRule?: unknown;
  EvaluationPeriods: number;
  Period?: number;
  Namespace?: string;
  MetricName?: string;
  Dimensions?: { Name: string; Value: unknown }[];
  Metrics?: {
    Expression?: string;
    MetricStat?: {
      Metric: { Namespace: string; MetricName: string; Dimensions?: { Name: string; Value: unknown }[] };
      Period: number;
    };
  }[];
}

/** By the name that the runbook has. */
export function metricAlarms(synthesized: Synthesized): Map<string, AlarmProperties> {
  return named(resourcesOf<AlarmProperties>(synthesized, 'AWS::CloudWatch::Alarm'));
}

export function compositeAlarms(synthesized: Synthesized): Map<string, AlarmProperties> {
  return named(resourcesOf<AlarmProperties>(synthesized, 'AWS::CloudWatch::CompositeAlarm'));
}

function named(alarms: Map<string, Resource<AlarmProperties>>): Map<string, AlarmProperties> {
  return new Map([...alarms].map(([path, { Properties }]) => [path.replace('Alarms/', ''), Properties]));
}

export function metricsOfAlarm({
  Namespace,
  MetricName,
  Dimensions = [],
  Metrics = [],
}: AlarmProperties): WatchedMetric[] {
  const single = MetricName === undefined ? [] : [{ Namespace: Namespace ?? '', MetricName, Dimensions }];
  const several = Metrics.flatMap(({ MetricStat }) => (MetricStat ? [MetricStat.Metric] : []));
  return [...single, ...several].map((metric) => ({
    namespace: metric.Namespace,
    name: metric.MetricName,
    dimensions: (metric.Dimensions ?? []).map((dimension) => dimension.Name),
  }));
}

export interface Widget {
  type: string;
  x: number;
  y: number;
  width: number;
  properties: {
    title?: string;
    markdown?: string;
    endpoint?: string;
    alarms?: string[];
    stacked?: boolean;
    metrics?: unknown[][];
  };
}

/** The body that CloudWatch gets, parsed. Throws when it is not JSON. */
export function dashboardWidgets(synthesized: Synthesized): Widget[] {
  const [dashboard] = resourcesOf<{ DashboardBody: unknown }>(synthesized, 'AWS::CloudWatch::Dashboard').values();
  const names = namesOf(synthesized.stack);
  return (JSON.parse(textOf(dashboard?.Properties.DashboardBody, names)) as { widgets: Widget[] }).widgets;
}

/** A row begins with namespace and name; `.` repeats the one above, `...` what is left of it; an object has options. */
export function metricsOfWidget({ properties }: Widget): WatchedMetric[] {
  let above: unknown[] = [];
  return (properties.metrics ?? []).flatMap((row) => {
    const plain = row.filter((part) => typeof part !== 'object');
    if (plain.length === 0) return [];
    const dots = plain.indexOf('...');
    const full =
      dots < 0
        ? plain.map((part, index) => (part === '.' ? above[index] : part))
        : [...above.slice(0, above.length - (plain.length - dots - 1)), ...plain.slice(dots + 1)];
    above = full;
    const [namespace, name, ...pairs] = full.map(String);
    return [{ namespace: namespace ?? '', name: name ?? '', dimensions: pairs.filter((_, index) => index % 2 === 0) }];
  });
}

/** Text with references in it, as one text. */
export function textOf(value: unknown, names: Map<string, string>): string {
  if (typeof value === 'string') return value;
  const { Ref, 'Fn::Join': join, 'Fn::GetAtt': attribute } = (value ?? {}) as Record<string, unknown>;
  if (typeof Ref === 'string') return names.get(Ref) ?? Ref;
  if (Array.isArray(attribute)) return `${names.get(String(attribute[0])) ?? attribute[0]}.${attribute[1]}`;
  if (Array.isArray(join)) return (join[1] as unknown[]).map((part) => textOf(part, names)).join(String(join[0]));
  throw new Error(`no text and no reference: ${JSON.stringify(value)}`);
}
