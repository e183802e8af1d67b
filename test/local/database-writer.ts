/**
 * A process that writes to a database folder and is killed so long after each of its writers has begun: jobs that move from one bucket of an
 * index to another. Prints each write once it is acknowledged. Run by `database.test.ts`.
 */
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { PutCommand } from '@aws-sdk/lib-dynamodb';
import { createTables } from '../../lib/aws/create-tables.ts';
import { startDatabase } from '../../lib/local/database.ts';
import { TABLE_NAMES } from '../../lib/local/names.ts';

const [folder = '', from = '1', lifeMs = '0'] = process.argv.slice(2);
const database = await startDatabase(folder);
const client = database.connect();
await createTables(client as unknown as DynamoDBClient, TABLE_NAMES);

const WRITERS = 16;
const begun = new Set<string>();
for (let writer = 0; writer < WRITERS; writer++) void write(`job-${writer}`, Number(from));

async function write(jobId: string, first: number): Promise<never> {
  for (let version = first; ; version++) {
    // Each version in another bucket, and every third in none.
    const attention = version % 3 === 0 ? {} : { attentionBucket: `stuck#${version % 5}`, attentionOrder: jobId };
    const item = {
      jobId,
      record: 'job',
      shard: 7,
      version,
      teamBucket: `t#${version % 4}`,
      teamOrder: jobId,
      ...attention,
    };
    await client.send(new PutCommand({ TableName: TABLE_NAMES.jobs, Item: item }));
    process.stdout.write(`${jobId} ${version}\n`);
    if (begun.size < WRITERS && begun.add(jobId).size === WRITERS) {
      setTimeout(() => process.kill(process.pid, 'SIGKILL'), Number(lifeMs));
    }
  }
}
