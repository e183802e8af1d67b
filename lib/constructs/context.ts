/**
 * The choices of one stack as CDK context: `cdk.json` lists every key with its default, `-c crossfade:groupSize=200`
 * overrides one. Context from the command line is text, so numbers and lists are read from text too. An unknown key is
 * refused: a misspelt permissions boundary must not deploy without one.
 */
import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { Node } from 'constructs';
import * as z from 'zod';

const PREFIX = 'crossfade:';

/** `''` in `cdk.json` shows a key that is not set. */
const optional = <T extends z.ZodType>(schema: T) =>
  z.preprocess((value) => (value === '' ? undefined : value), schema.optional());

/** `a, b` or `["a", "b"]`. */
const list = z.preprocess(
  (value) =>
    typeof value === 'string'
      ? value
          .split(',')
          .map((part) => part.trim())
          .filter(Boolean)
      : value,
  z.array(z.string()),
);

const map = z.preprocess(
  (value) => (typeof value === 'string' && value !== '' ? JSON.parse(value) : value || {}),
  z.record(z.string(), z.string()),
);

const account = list.default([]);

const contextSchema = z.strictObject({
  /** Two stacks of different names do not meet. */
  stackName: z.string().default('Crossfade'),
  intervalMinutes: optional(z.coerce.number()),
  groupSize: optional(z.coerce.number()),
  /** From the folder in which `cdk` is started. */
  policiesFolder: optional(z.string()),
  alarmEmail: optional(z.string()),
  alarmTopicArn: optional(z.string()),
  pageTopicArn: optional(z.string()),
  runbookUrl: optional(z.string()),
  /** `destroy` takes the tables with the stack. */
  removalPolicy: z.enum(['retain', 'destroy']).default('retain'),
  maxReadRequestUnits: optional(z.coerce.number()),
  maxWriteRequestUnits: optional(z.coerce.number()),
  encryptionKeyArn: optional(z.string()),
  logRetentionDays: optional(
    z.coerce
      .number()
      .refine((days) => days in RetentionDays, 'one of the retention times of CloudWatch Logs, such as 7, 30, 90, 365'),
  ),
  /** Accounts that may send landings to the queue. */
  reporterAccounts: account,
  organizationId: optional(z.string()),
  /** Accounts whose roles may call `assign`, `land` and `published` for the old system, and for the new one. */
  oldSystemAccounts: account,
  newSystemAccounts: account,
  evaluationConcurrency: optional(z.coerce.number()),
  /** Name of a managed policy that bounds every role of the stack. */
  permissionsBoundary: optional(z.string()),
  /** On every resource. */
  tags: map.default({}),
});

export type StackContext = z.output<typeof contextSchema>;

/** Throws with every key that is refused, and why. */
export function readContext(node: Node): StackContext {
  const all = node.getAllContext() as Record<string, unknown>;
  const own = Object.entries(all).filter(([key]) => key.startsWith(PREFIX));
  const parsed = contextSchema.safeParse(
    Object.fromEntries(own.map(([key, value]) => [key.slice(PREFIX.length), value])),
  );
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) =>
    issue.code === 'unrecognized_keys'
      ? `${issue.keys.map((key) => PREFIX + key).join(', ')}: no such key; allowed are ${Object.keys(contextSchema.shape).join(', ')}`
      : `${PREFIX}${issue.path.join('.')}: ${issue.message}`,
  );
  throw new Error(`the context is refused:\n${problems.join('\n')}`);
}
