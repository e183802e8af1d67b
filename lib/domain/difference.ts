/**
 * What a mismatch is about: the signature that groups it with others of the same cause, the sample that a comparison of
 * the rows brought, and the known differences that a policy excuses. An excuse is written on the claim, with the content
 * that it was given for, so that a corrected landing ends it and nothing is excused silently. Pure.
 */
import * as z from 'zod';
import type { Claim } from './claim.ts';
import { landingsMatch } from './landing.ts';
import type { Instant } from './time.ts';

/** Names one cause of mismatches, e.g. `mean_delay` or `fewer-rows`; the same on every partition that has it. */
export const signatureSchema = z
  .string()
  .regex(/^[!-~]{1,32}$/, 'printable ASCII without blanks, at most 32 characters');

/** One value that differs, as the comparison saw it. */
export interface SampledValue {
  key: string;
  column: string;
  old: string;
  new: string;
}

/** What a comparison of the rows found, and for which content. */
export interface Difference {
  signature: string;
  sample: SampledValue[];
  reportedAt: Instant;
  content: ComparedContent;
}

export interface Excuse {
  /** The known difference's name in the policy. */
  rule: string;
  owner: string;
  at: Instant;
  content: ComparedContent;
  /** The cause that was excused, where the rule names one: another that is found out since is not. */
  signature?: string;
}

/**
 * What was compared: what is said of a mismatch ends when either side is replaced. Row counts and checksums, as what makes
 * two landings equal, since a checksum may be the same for any number of rows.
 */
export type ComparedContent = Omit<Mismatch, 'signature'>;

const rowCount = z
  .strictObject({
    share: z.number().min(0).max(1).default(0).describe('new may differ from old by this share of its rows'),
    rows: z.int().nonnegative().default(0).describe('... or by so many rows, whichever is more'),
  })
  .refine(({ share, rows }) => share > 0 || rows > 0, {
    error: 'a tolerance of nothing excuses nothing: set `share` or `rows`',
  });

/** A difference that somebody answers for, until a day. */
export const knownDifferenceSchema = z
  .strictObject({
    name: z.string().regex(/^[a-z][a-z0-9-]{0,31}$/, 'lower case letters, digits and dashes, at most 32'),
    reason: z.string().min(1).max(300).describe('why old and new may differ'),
    owner: z.string().min(1).max(100).describe('who answers for it'),
    expires: z.iso.date().describe('the last day, in UTC, on which landings are excused'),
    signature: signatureSchema.optional().describe('excuses mismatches of this signature'),
    rowCount: rowCount.optional().describe('excuses row counts that differ by no more than this'),
  })
  .refine(({ signature, rowCount: rows }) => signature !== undefined || rows !== undefined, {
    error: 'say which mismatches it excuses: `signature`, `rowCount`, or both',
  });
export type KnownDifference = z.output<typeof knownDifferenceSchema>;

/** A mismatch as rules see it. */
export interface Mismatch {
  oldRows: number;
  newRows: number;
  oldChecksum: string;
  newChecksum: string;
  signature: string;
}

/** The mismatch of a claim's pair; `undefined` when it matches or cannot be compared. */
export function mismatchOf({ production, shadow, difference }: Claim): Mismatch | undefined {
  if (!production || !shadow || landingsMatch(production, shadow) !== false) return undefined;
  const [old, next] = production.system === 'old' ? [production, shadow] : [shadow, production];
  const content = {
    oldRows: old.rowCount,
    newRows: next.rowCount,
    oldChecksum: old.checksum,
    newChecksum: next.checksum,
  };
  const reported = difference && isSameContent(difference.content, content) ? difference.signature : undefined;
  return { ...content, signature: reported ?? deriveSignature(old.rowCount, next.rowCount) };
}

/** What the counts alone say, until a comparison of the rows says more. */
function deriveSignature(oldRows: number, newRows: number): string {
  return newRows === oldRows ? 'content' : newRows < oldRows ? 'fewer-rows' : 'more-rows';
}

/** The pair's present mismatch is excused. */
export function isExcused(claim: Claim): boolean {
  const { excused } = claim;
  const mismatch = excused && mismatchOf(claim);
  if (!mismatch || !isSameContent(excused.content, mismatch)) return false;
  return excused.signature === undefined || excused.signature === mismatch.signature;
}

/** The rule that excuses a mismatch whose last landing was accepted then; rules are asked in the policy's order. */
export function findExcuse(
  mismatch: Pick<Mismatch, 'oldRows' | 'newRows' | 'signature'>,
  rules: readonly KnownDifference[],
  landedAt: Instant,
): KnownDifference | undefined {
  // By the landing and not by the clock: a rule that expires condemns nothing that was excused while it held.
  return rules.find(
    (rule) =>
      landedAt.slice(0, 10) <= rule.expires &&
      (rule.signature === undefined || rule.signature === mismatch.signature) &&
      (rule.rowCount === undefined || rowsAreWithin(mismatch, rule.rowCount)),
  );
}

/**
 * Equal counts are not what a tolerance of counts explains: then the content differs. Nor is a side without any row: it has
 * read nothing, and is no few rows apart.
 */
function rowsAreWithin(
  { oldRows, newRows }: Pick<Mismatch, 'oldRows' | 'newRows'>,
  { share, rows }: NonNullable<KnownDifference['rowCount']>,
): boolean {
  const apart = Math.abs(newRows - oldRows);
  if (apart === 0 || oldRows === 0 || newRows === 0) return false;
  // Divided, since 0.29 of 100 rows multiplied is less than 29.
  return apart <= rows || apart / oldRows <= share;
}

export function contentOf({ oldRows, newRows, oldChecksum, newChecksum }: Mismatch): ComparedContent {
  return { oldRows, newRows, oldChecksum, newChecksum };
}

export function isSameContent(a: ComparedContent, b: ComparedContent): boolean {
  return (
    a.oldRows === b.oldRows &&
    a.newRows === b.newRows &&
    a.oldChecksum === b.oldChecksum &&
    a.newChecksum === b.newChecksum
  );
}
