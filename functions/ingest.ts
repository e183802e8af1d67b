/**
 * ingest: landings from the queue, one or up to 100 a message. A landing that is refused goes to the dead-letter queue with
 * the reason, and the others beside it go on; a message that fails for a passing cause is reported by its id and comes
 * again. Repeats answer the same, so a message may come twice.
 */
import type { SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { createDeadLetters } from '../lib/aws/dead-letters.ts';
import { land } from '../lib/controller/land.ts';
import { parse } from '../lib/controller/parse.ts';
import { isRefusal, type Refusal, refuse } from '../lib/controller/refusal.ts';
import { reportLanding } from '../lib/controller/report.ts';
import { MAX_BATCH, queuedLandingSchema, refuseFuture, reportOf } from '../lib/controller/requests.ts';
import { log } from './log.ts';
import { logRefusal } from './refusals.ts';
import { now, required } from './runtime.ts';
import { claims, jobs } from './stores.ts';

export async function handler(event: SQSEvent): Promise<SQSBatchResponse> {
  const deadLetters = createDeadLetters(required('CROSSFADE_DEAD_LETTER_QUEUE_URL'));
  const batchItemFailures: SQSBatchResponse['batchItemFailures'] = [];
  for (const { messageId, body } of event.Records) {
    try {
      for (const { input, refusal } of landingsIn(body)) {
        const refused = refusal ?? (await ingestLanding(input));
        if (refusal) logRefusal('landing refused', refusal);
        if (refused) await deadLetters.send(textOf(input) ?? body, `${refused.code}: ${refused.message}`);
      }
    } catch (error) {
      log.error('ingest failed', { messageId, error: String(error) });
      batchItemFailures.push({ itemIdentifier: messageId });
    }
  }
  return { batchItemFailures };
}

interface Queued {
  input?: unknown;
  /** Of the message as a whole. */
  refusal?: Refusal;
}

function landingsIn(body: string): Queued[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    return [{ refusal: refuse('Invalid', 'body: not JSON; a landing or an array of landings is wanted', 'body') }];
  }
  const all: unknown[] = Array.isArray(parsed) ? parsed : [parsed];
  if (all.length === 0 || all.length > MAX_BATCH) {
    const message = `body: ${all.length} landings; 1 to ${MAX_BATCH} are allowed`;
    return [{ refusal: refuse('Invalid', message, 'body') }];
  }
  return all.map((input) => ({ input }));
}

/** One landing of a message as text; `undefined` when there is none, or it is nested deeper than can be written again. */
function textOf(input: unknown): string | undefined {
  try {
    return JSON.stringify(input);
  } catch {
    return undefined;
  }
}

async function ingestLanding(input: unknown): Promise<Refusal | undefined> {
  const parsed = parse(queuedLandingSchema, input);
  if (isRefusal(parsed)) {
    logRefusal('landing refused', parsed);
    return parsed;
  }
  const at = now();
  const ports = { jobs: jobs(), claims: claims() };
  const { jobId, partition, system, token, table } = parsed;
  const report = reportOf(parsed);
  const outcome =
    refuseFuture(parsed, at) ??
    (token !== undefined
      ? await land(ports, { jobId, partition, system, token, report }, at)
      : await reportLanding(ports, { jobId, partition, system, table: table ?? 'shadow', report }, at));
  if (!isRefusal(outcome)) return undefined;
  logRefusal('landing refused', outcome, parsed);
  return outcome;
}
