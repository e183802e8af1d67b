/** The table of docs/deploy.md. `CROSSFADE_UPDATE=1 npx vitest run test/constructs/monitoring-cost.test.ts` writes it. */
import { readFileSync, writeFileSync } from 'node:fs';
import { beforeAll, expect, it } from 'vitest';
import { blockIn, withBlock } from '../readme/blocks.ts';
import { renderMonitoringCost } from './monitoring-cost.ts';
import { SYNTH_MS, synthesize, thePlainStack } from './synth.ts';

const FILE = new URL('../../docs/deploy.md', import.meta.url);

beforeAll(() => void thePlainStack(), SYNTH_MS);

it('docs/deploy.md says what the dashboard, the alarms and the metrics cost', () => {
  const wanted = renderMonitoringCost(thePlainStack());
  const text = readFileSync(FILE, 'utf8');
  if (process.env.CROSSFADE_UPDATE) writeFileSync(FILE, withBlock(text, 'monitoring', wanted));
  expect(blockIn(readFileSync(FILE, 'utf8'), 'monitoring')).toBe(wanted);
});

it('is the same at any interval and for any number of jobs: nothing is watched by job', () => {
  const hourly = synthesize({ 'crossfade:intervalMinutes': 60, 'crossfade:groupSize': 50 });
  expect(renderMonitoringCost(hourly)).toBe(renderMonitoringCost(thePlainStack()));
});
