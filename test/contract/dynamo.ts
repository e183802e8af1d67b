/** Stores on a DynamoDB that a test has started: fresh tables for each opening, one client for all. */
import { createClaimStore } from '../../lib/aws/claim-store.ts';
import { createDocumentClient, type DocumentClient } from '../../lib/aws/client.ts';
import { createTables } from '../../lib/aws/create-tables.ts';
import { createEvidenceStore } from '../../lib/aws/evidence-store.ts';
import { createFleetStore } from '../../lib/aws/fleet-store.ts';
import { createJobStore } from '../../lib/aws/job-store.ts';
import { type TableNames, tableNames } from '../../lib/aws/tables.ts';
import type { OpenOptions, Stores } from './opening.ts';

export function connectTo(endpoint: string): DocumentClient {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  return createDocumentClient({ endpoint, region: 'us-east-1', credentials });
}

let opened = 0;

export async function freshTables(client: DocumentClient): Promise<TableNames> {
  const tables = tableNames(`test-${++opened}`);
  await createTables(client, tables);
  return tables;
}

export function storesOn(client: DocumentClient, tables: TableNames, options: OpenOptions = {}): Stores {
  return {
    jobs: createJobStore(client, tables, options),
    claims: createClaimStore(client, tables, options),
    evidence: createEvidenceStore(client, tables, options),
    fleet: createFleetStore(client, tables, options),
  };
}
