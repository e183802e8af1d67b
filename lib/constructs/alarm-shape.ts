/**
 * An alarm as data, and the words that it is told with. Whoever is called reads them on a phone: what is the case, the first
 * three checks, and where the runbook goes on. The alarms are in `sweep-alarms.ts`, `fleet-alarms.ts` and
 * `service-alarms.ts`; `alarms.ts` raises them.
 */
import type { IMetric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';

export interface AlarmText {
  /** What is the case, and for whom. */
  readonly meaning: string;
  /** In this order, each one look or one command; docs/runbook.md has them in full. */
  readonly checks: readonly [string, string, string];
}

export interface AlarmShape extends AlarmText {
  readonly metric: IMetric;
  /** At or over this, or below it where `below`. */
  readonly threshold: number;
  readonly below?: true;
  /** So many periods in a row. */
  readonly periods?: number;
  /** What silence means: said for each, since CloudWatch's own answer (`missing`) is right for none. */
  readonly missing: TreatMissingData;
  /** Wakes somebody by itself, without a composite. */
  readonly page?: true;
}

export type AlarmShapes = Readonly<Record<string, AlarmShape>>;

/** CloudWatch keeps no more. */
const MAX_LENGTH = 1024;

/** @param runbookUrl of docs/runbook.md as people read it; each alarm's section is called as the alarm is. */
export function describeAlarm(name: string, { meaning, checks }: AlarmText, runbookUrl: string): string {
  const listed = checks.map((check, index) => `${index + 1}. ${check}`);
  const text = [meaning, 'First checks:', ...listed, `Runbook: ${runbookUrl}#${name.toLowerCase()}`].join('\n');
  if (text.length <= MAX_LENGTH) return text;
  throw new Error(
    `alarm ${name}: its description has ${text.length} characters and ${MAX_LENGTH} are allowed: shorten it, or runbookUrl (${runbookUrl})`,
  );
}
