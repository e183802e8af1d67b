/** A criterion's verdict with the sample it rests on; partitions are named only where there are any. */
import type { Criterion, Outcome, Verdict } from '../verdict.ts';

export function verdictOf(criterion: Criterion, sample: Verdict['sample']) {
  return (outcome: Outcome, message: string, partitions?: string[]): Verdict => ({
    criterion,
    outcome,
    message,
    sample,
    ...(partitions && partitions.length > 0 && { partitions }),
  });
}
