/**
 * fan-out: starts a sweep. Invoked by EventBridge Scheduler with the scheduled time, which names the sweep; delivery is at
 * least once, so it may run twice or late.
 */
import * as z from 'zod';
import { createExecutions } from '../lib/aws/executions.ts';
import { fanOut } from '../lib/controller/fan-out.ts';
import { secondsBetween, toInstant, toMs } from '../lib/domain/time.ts';
import { policies } from './deciding.ts';
import { log } from './log.ts';
import { publishControls, publishLag } from './metrics.ts';
import { now, numberFrom, required } from './runtime.ts';
import { fleet } from './stores.ts';

const schema = z.object({ scheduledAt: z.iso.datetime({ offset: true }) });

export async function handler(event: unknown) {
  const scheduledAt = toInstant(toMs(schema.parse(event).scheduledAt));
  const settings = {
    intervalSeconds: numberFrom('CROSSFADE_SWEEP_INTERVAL_SECONDS', 900),
    groupSize: numberFrom('CROSSFADE_GROUP_SIZE', 500),
  };
  const ports = { fleet: fleet(), policies: policies() };
  const executions = createExecutions(required('CROSSFADE_STATE_MACHINE_ARN'));
  const at = now();
  publishLag(scheduledAt, at);
  const fannedOut = await fanOut(ports, executions, settings, scheduledAt, at, (controls) =>
    publishControls(controls, at),
  );
  log.info('sweep started', { ...fannedOut, scheduledAt, lagSeconds: secondsBetween(scheduledAt, at) });
  return fannedOut;
}
