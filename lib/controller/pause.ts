/** pause and resume: the fleet's controls. Acknowledged means that every commit that begins afterwards sees it. */
import { type Controls, PAUSE_ALL_LIMIT_SECONDS, type Pause } from '../domain/controls.ts';
import { addSeconds, earlierOf, type Instant } from '../domain/time.ts';
import { contended, MAX_TRIES } from './contention.ts';
import type { Ports } from './ports.ts';
import { type Refusal, refuse } from './refusal.ts';

export interface PauseRequest {
  actor: string;
  reason: string;
  scope?: Pause['scope'] | undefined;
  until?: Instant | undefined;
}

/** Of scope `all` it ends by itself after `PAUSE_ALL_LIMIT_SECONDS`, whatever was asked for. */
export async function pause(
  ports: Pick<Ports, 'fleet'>,
  request: PauseRequest,
  now: Instant,
): Promise<Controls | Refusal> {
  if (request.until !== undefined && request.until <= now) {
    return refuse('Invalid', `until: ${request.until} is over, it is ${now}: name a later instant, or none`, 'until');
  }
  const scope = request.scope ?? 'promotions';
  const limit = addSeconds(now, PAUSE_ALL_LIMIT_SECONDS);
  const until = scope === 'all' ? earlierOf(request.until ?? limit, limit) : request.until;
  const { actor, reason } = request;
  return change(ports, (controls) => ({
    ...controls,
    pause: { scope, actor, reason, at: now, ...(until !== undefined && { until }) },
  }));
}

export async function resume(ports: Pick<Ports, 'fleet'>): Promise<Controls> {
  return change(ports, ({ pause: _, ...controls }) => controls);
}

export async function openBreaker(ports: Pick<Ports, 'fleet'>, until: Instant): Promise<Controls> {
  return change(ports, (controls) => ({ ...controls, breakerOpenUntil: until }));
}

async function change(ports: Pick<Ports, 'fleet'>, plan: (controls: Controls) => Controls): Promise<Controls> {
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const known = await ports.fleet.getControls();
    const next = { ...plan(known), version: known.version + 1 };
    const written = await ports.fleet.replaceControls(next, known.version);
    if (written.written) return next;
  }
  throw contended('controls');
}
