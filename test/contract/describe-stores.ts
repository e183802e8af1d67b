/**
 * What every implementation of the controller's stores has to do: one suite, run in memory, on dynalite and on Amazon's
 * DynamoDB Local. A test opens stores that hold nothing yet. What an index lists is waited for, since on AWS it follows
 * the write a moment later.
 */
import { describe } from 'vitest';
import { describeClaims } from './claims.ts';
import { describeClauses } from './clauses.ts';
import { describeEvidence } from './evidence.ts';
import { describeFleet } from './fleet.ts';
import { describeJobs } from './jobs.ts';
import type { Open } from './opening.ts';

export function describeStores(name: string, open: Open): void {
  describe(name, () => {
    describeJobs(open);
    describeClaims(open);
    describeEvidence(open);
    describeFleet(open);
    describeClauses(open);
  });
}
