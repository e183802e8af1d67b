/**
 * gather: folds the landings table's stream into evidence. Records may come twice; those of one item come in order. A
 * record that fails is reported by its sequence number, so that the stream goes on from there and nothing is skipped.
 */
import type { DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import pMap from 'p-map';
import { decodeClaimImage } from '../lib/aws/stream.ts';
import { gatherJob } from '../lib/controller/gather.ts';
import { allPorts } from './deciding.ts';
import { log } from './log.ts';
import { now } from './runtime.ts';

const CONCURRENCY = 8;

export async function handler(event: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> {
  const ports = allPorts();
  const byJob = Map.groupBy(
    event.Records.filter((record) => record.dynamodb?.NewImage !== undefined),
    (record) => record.dynamodb?.Keys?.jobId?.S ?? '',
  );
  const failed = await pMap(
    byJob.values(),
    async (records) => {
      try {
        await gatherJob(ports, records.map(imageOf), now());
        return [];
      } catch (error) {
        log.error('gather failed', { jobId: records[0]?.dynamodb?.Keys?.jobId?.S, error: String(error) });
        return [records[0]?.dynamodb?.SequenceNumber ?? ''];
      }
    },
    { concurrency: CONCURRENCY },
  );
  // The stream resumes at the first failure; what was folded after it folds again, which changes nothing.
  return { batchItemFailures: failed.flat().map((itemIdentifier) => ({ itemIdentifier })) };
}

function imageOf(record: DynamoDBRecord) {
  return decodeClaimImage(record.dynamodb?.NewImage ?? {});
}
