/**
 * A system as the driver sees it: a process of its own, driven by lines, that reaches the controller with the real AWS
 * SDK. The controller here is a few lines of HTTP that accept everything.
 */
import { spawn } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { prepareSources } from '../../examples/flights/prepare.ts';
import type { DriverCommand, WorkerReport } from '../../examples/flights/protocol.ts';
import { computeReference, expectedRows } from '../../examples/flights/reference.ts';
import { parseTable } from '../../examples/flights/table.ts';
import { Warehouse } from '../../examples/flights/warehouse.ts';
import { makeScratchFolder } from './scratch.ts';

const PARAMETERS = { airports: 3, sparse: 0, firstDay: '2001-01-01', days: 2 };
const DAY = '2001-01-01';
const JOB_IDS = ['flights-ORD', 'flights-DFW', 'flights-ATL'];
const READY_MS = Date.parse('2001-01-02T00:00:00Z');
const CLOCK: DriverCommand = {
  type: 'clock',
  realMs: Date.now(),
  virtualMs: READY_MS,
  pace: 1_000,
  ceilingMs: READY_MS + 6 * 3_600_000,
};

type Item = Record<string, unknown>;

const scratch = makeScratchFolder();
const invoked: { name: string; item: Item }[] = [];
let server: Server;
let sources: string;

beforeAll(async () => {
  sources = await prepareSources(scratch, PARAMETERS);
  server = createServer(async (request, response) => {
    const name = /functions\/(\w+)\/invocations/.exec(request.url ?? '')?.[1] ?? '';
    let body = '';
    for await (const chunk of request) body += chunk;
    const payload: { batch?: Item[] } = JSON.parse(body);
    const results = (payload.batch ?? []).map((item) => {
      invoked.push({ name, item });
      if (name === 'assign') return { ...item, write: 'production', token: '1', phase: 'shadow', epoch: 1 };
      return name === 'land' ? { accepted: true, table: 'production' } : { ok: true };
    });
    response.end(JSON.stringify(name === 'owed' ? { partitions: [] } : { results }));
  }).listen(0);
});
afterAll(() => server.close());

/** Starts a system, gives it the commands, and waits for its end. */
async function runSystem(script: string, warehouse: string, commands: DriverCommand[]): Promise<WorkerReport[]> {
  const path = fileURLToPath(new URL(`../../examples/flights/${script}`, import.meta.url));
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const options = ['--endpoint', endpoint, '--sources', sources, '--warehouse', warehouse];
  const child = spawn(process.execPath, [path, ...options], { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end(commands.map((command) => `${JSON.stringify(command)}\n`).join(''));
  const reports: WorkerReport[] = [];
  for await (const line of createInterface({ input: child.stdout })) reports.push(JSON.parse(line));
  expect(child.exitCode ?? (await new Promise((resolve) => child.on('exit', resolve)))).toBe(0);
  return reports;
}

describe.each([
  { script: 'old-system.ts', system: 'old', commands: [] as DriverCommand[] },
  {
    script: 'new-system.ts',
    system: 'new',
    commands: [{ type: 'deploy', seq: 0, release: '1.3.0' }] as DriverCommand[],
  },
])('the process of $script', ({ script, system, commands }) => {
  test('delivers a day that it is told about, and answers each command once', async () => {
    const warehouse = join(scratch, system);
    const readyAt = new Date(READY_MS).toISOString();
    const reports = await runSystem(script, warehouse, [
      CLOCK,
      ...commands,
      { type: 'day', seq: 1, partition: DAY, readyAt, jobIds: JOB_IDS },
      { type: 'rerun', seq: 2, partitions: [{ jobId: 'flights-XXX', partition: DAY }] },
      { type: 'stop' },
    ]);
    expect(reports.find(({ type }) => type === 'ready')).toMatchObject({ system });
    expect(reports.find((report) => report.type === 'done' && report.seq === 1)).toEqual({
      type: 'done',
      seq: 1,
      landed: 3,
      published: 3,
      nothing: 0,
      fenced: 0,
      failed: 0,
    });
    // A partition without a source is reported, and ends neither the command nor the process.
    expect(reports.find((report) => report.type === 'failed')).toMatchObject({ jobId: 'flights-XXX' });
    expect(reports.at(-1)).toMatchObject({ type: 'done', seq: 2, failed: 1 });

    const reference = await computeReference(PARAMETERS);
    for (const jobId of JOB_IDS) {
      const text = new Warehouse(warehouse).read(`${jobId}/production`, DAY) ?? '';
      expect(parseTable(text)).toEqual(expectedRows(reference, jobId.slice(-3), DAY));
    }
    const landed = invoked.filter(({ name, item }) => name === 'land' && item.system === system);
    expect(landed).toHaveLength(3);
    for (const { item } of landed) {
      expect(Date.parse(String(item.landedAt))).toBeGreaterThanOrEqual(READY_MS);
      expect(Date.parse(String(item.landedAt))).toBeLessThanOrEqual(CLOCK.ceilingMs);
    }
  });
});
