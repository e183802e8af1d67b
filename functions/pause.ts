/**
 * pause: stops promotions of the whole fleet, or with `scope: all` (break-glass, at most 4 h) every transition. Invoked by
 * operators; a repeat with the same `requestId` answers the same.
 */
import { pause } from '../lib/controller/pause.ts';
import { pauseSchema } from '../lib/controller/requests.ts';
import { fleetHandler } from './answer-fleet.ts';

export const handler = fleetHandler(pauseSchema, pause);
