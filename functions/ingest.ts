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
import { now, required } from './runtime.ts';
import { claims, jobs } from './stores.ts';

export async function handler(event: SQSEvent): Promise<SQSBatchResponse> {
  const deadLetters = createDeadLetters(required('CROSSFADE_DEAD_LETTER_QUEUE_URL'));
  const batchItemFailures: SQSBatchResponse['batchItemFailures'] = [];
  for (const { messageId, body } of event.Records) {
    try {
      for (const landing of landingsIn(body)) {
        const refusal = 'refused' in landing ? (landing as Refusal) : await ingestLanding(landing);
        if (!refusal) continue;
        const said = 'refused' in landing ? body : JSON.stringify(landing);
        await deadLetters.send(said, `${refusal.code}: ${refusal.message}`);
      }
    } catch (error) {
      log.error('ingest failed', { messageId, error: String(error) });
      batchItemFailures.push({ itemIdentifier: messageId });
    }
  }
  return { batchItemFailures };
}

function landingsIn(body: string): object[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    return [refuse('Invalid', 'body: not JSON; a landing or an array of landings is wanted', 'body')];
  }
  const all = Array.isArray(parsed) ? parsed : [parsed];
  if (all.length > MAX_BATCH)
    return [refuse('Invalid', `body: ${all.length} landings; at most ${MAX_BATCH} are allowed`, 'body')];
  return all.map((landing: unknown) =>
    landing !== null && typeof landing === 'object' ? landing : { value: landing },
  );
}

async function ingestLanding(input: unknown): Promise<Refusal | undefined> {
  const parsed = parse(queuedLandingSchema, input);
  if (isRefusal(parsed)) return parsed;
  const at = now();
  const future = refuseFuture(parsed, at);
  if (future) return future;
  const ports = { jobs: jobs(), claims: claims() };
  const { jobId, partition, system, token, table } = parsed;
  const report = reportOf(parsed);
  const outcome =
    token !== undefined
      ? await land(ports, { jobId, partition, system, token, report }, at)
      : await reportLanding(ports, { jobId, partition, system, table: table ?? 'shadow', report }, at);
  return isRefusal(outcome) ? outcome : undefined;
}
