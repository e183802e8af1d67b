/**
 * One criterion can rest on several findings: a hard limit, and a test of each measure. The worst of them is its verdict,
 * and all of them are told, the worst first.
 */
import type { Criterion, Outcome, TestNumbers, Verdict } from '../verdict.ts';

export interface Finding {
  outcome: Outcome;
  message: string;
  /** Pairs that it rests on. */
  pairs: number;
  partitions?: string[];
  numbers?: TestNumbers;
}

/** A proof outweighs silence, and silence what is merely undecided. */
const WORST_FIRST: readonly Outcome[] = ['fail', 'missing', 'inconclusive', 'not-applicable', 'pass'];

/**
 * @param findings at least one.
 * @param needed pairs that the policy wants; the sample is that of the test that rests on the fewest, since limits look
 * at the newest only.
 */
export function verdictFrom(criterion: Criterion, findings: readonly Finding[], needed: number): Verdict {
  const ranked = findings.length === 1 ? findings : [...findings].sort((a, b) => rankOf(a) - rankOf(b));
  const numbers: TestNumbers[] = [];
  let partitions: string[] | undefined;
  let message = '';
  let pairs = Number.POSITIVE_INFINITY;
  for (const finding of ranked) {
    message += message === '' ? finding.message : `; ${finding.message}`;
    if (!partitions && finding.partitions && finding.partitions.length > 0) partitions = finding.partitions;
  }
  for (const finding of findings) {
    if (finding.numbers) numbers.push(finding.numbers);
  }
  for (const finding of findings) {
    if (finding.numbers !== undefined || numbers.length === 0) pairs = Math.min(pairs, finding.pairs);
  }
  return {
    criterion,
    outcome: ranked[0]?.outcome ?? 'missing',
    message,
    sample: { pairs, needed },
    ...(partitions && { partitions }),
    ...(numbers.length > 0 && { numbers }),
  };
}

function rankOf({ outcome }: Finding): number {
  return WORST_FIRST.indexOf(outcome);
}
