/**
 * Runs every handler against a real store, on states that send it through all its reads and writes, and records what it
 * asks of DynamoDB. What its role may do with the tables is that and nothing else: a right that is missing would only fail
 * once it is deployed, and one that is not used nobody would miss.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { configure } from '../../functions/runtime.ts';
import { HANDLER_NAMES, HANDLERS, type HandlerName } from '../../lib/constructs/handlers.ts';
import { toMs } from '../../lib/domain/time.ts';
import { OFFERED_VERBS } from '../../lib/view/actions.ts';
import { NOW } from '../builders/records.ts';
import { openDynalite } from '../contract/dynalite-server.ts';
import { connectTo, freshTables, storesOn } from '../contract/dynamo.ts';
import { scenariosOn } from './access-scenarios.ts';
import { watchStore } from './store-watch.ts';

vi.mock('../../lib/aws/executions.ts', () => ({ createExecutions: () => ({ start: async () => undefined }) }));
vi.mock('../../lib/aws/hooks.ts', () => ({
  createHooks: () => ({ call: async () => ({ answered: { schemaVersion: 1, answer: 'pass' } }) }),
}));
vi.mock('../../functions/log.ts', () => ({ log: { info: () => undefined, error: () => undefined } }));

const caller = new AsyncLocalStorage<HandlerName>();
const asked = new Map<HandlerName, Set<string>>(HANDLER_NAMES.map((name) => [name, new Set()]));
const EXCUSING = `criteria:
  dataQuality:
    knownDifferences: [{ name: known, reason: r, owner: ann, expires: 2099-01-01, signature: fewer-rows }]
`;
const policies = mkdtempSync(join(tmpdir(), 'crossfade-access-'));
let store: ReturnType<typeof storesOn>;
let close: () => Promise<void>;

beforeAll(async () => {
  const server = await openDynalite();
  const client = connectTo(server.endpoint);
  const tables = await freshTables(client);
  store = storesOn(client, tables);
  close = server.close;
  for (const [table, name] of Object.entries(tables)) vi.stubEnv(`CROSSFADE_TABLE_${table.toUpperCase()}`, name);
  vi.stubEnv('CROSSFADE_POLICIES', policies);
  vi.stubEnv('CROSSFADE_STATE_MACHINE_ARN', 'arn');
  vi.stubEnv('CROSSFADE_DEAD_LETTER_QUEUE_URL', 'http://localhost/dead');
  vi.stubEnv('AWS_REGION', 'us-east-1');
  vi.stubEnv('CROSSFADE_VERBS', JSON.stringify(Object.fromEntries(OFFERED_VERBS.map((verb) => [verb, `arn:${verb}`]))));
  writeFileSync(join(policies, 'default.yaml'), 'automation: enforce\n');
  const hook = '{ function: told }';
  writeFileSync(
    join(policies, 'hooked.yaml'),
    `automation: enforce\nhooks: { shadow: { gate: ${hook}, settle: ${hook} } }\n`,
  );
  writeFileSync(join(policies, 'excusing.yaml'), EXCUSING);
  writeFileSync(join(policies, 'signed.yaml'), 'approvals: { reverse-shadow: { allowClaimed: true } }\n');
  configure({ now: () => toMs(NOW), dynamo: client });
  watchStore(client, tables, (request) => {
    const name = caller.getStore();
    if (name !== undefined) asked.get(name)?.add(request);
    return name !== undefined;
  });
  const scenarios = scenariosOn(store, invoke);
  for (const name of HANDLER_NAMES) await scenarios[name]((event) => invoke(name, event));
}, 60_000);

afterAll(async () => {
  await close();
  rmSync(policies, { recursive: true });
});

it.each(HANDLER_NAMES)('%s asks of the tables what its role may, and no less', (name) => {
  const granted = Object.entries(HANDLERS[name].tables).flatMap(([part, actions]) =>
    actions.map((action) => `${part} ${action}`),
  );
  expect([...(asked.get(name) ?? [])].sort()).toEqual(granted.sort());
});

async function invoke(name: HandlerName, event: object): Promise<Record<string, unknown>> {
  const { handler } = (await import(`../../functions/${name}.ts`)) as { handler(event: object): Promise<object> };
  return { ...(await caller.run(name, () => handler(event))) };
}
