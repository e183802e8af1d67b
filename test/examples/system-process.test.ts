/** A system that dies, or is asked to stop: what the driver learns of it. */
import { afterEach, expect, test } from 'vitest';
import type { System } from '../../examples/flights/client.ts';
import { SystemProcess } from '../../examples/flights/system-process.ts';
import { makeScratchFolder } from './scratch.ts';

const folder = makeScratchFolder();
const children: SystemProcess[] = [];
afterEach(async () => {
  for (const child of children.splice(0)) await child.stop();
});

/** A port that nothing listens at. */
const NOWHERE = 'http://127.0.0.1:9';

function startSystem(system: System): SystemProcess {
  const child = new SystemProcess({ system, endpoint: NOWHERE, sources: folder, warehouse: folder, reports: [] });
  children.push(child);
  return child;
}

test('says what it died of, when the controller cannot be reached', async () => {
  const old = startSystem('old');
  const day = { partition: '2001-01-01', readyAt: '2001-01-01T00:00:00Z', jobIds: ['flights-ATL'] };
  await expect(old.carryOut({ type: 'day', ...day })).rejects.toThrow(
    /the old system has ended with code 1; it said:.*ECONNREFUSED/s,
  );
  await expect(old.carryOut({ type: 'owed' })).rejects.toThrow(/the old system has ended/);
});

test('stops when it is asked to, which is no failure', async () => {
  const child = startSystem('new');
  await child.carryOut({ type: 'deploy', release: '1.1.0' });
  await child.stop();
  const outcome = await Promise.race([child.died.catch(() => 'died'), Promise.resolve('stopped')]);
  expect(outcome).toBe('stopped');
});
