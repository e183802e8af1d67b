/** hold: keeps automation from promoting a job, or with `scope: all` from any transition, until released or expired. Invoked by operators; a repeat with the same `requestId` answers the same. */
import { hold } from '../lib/controller/override.ts';
import { holdSchema } from '../lib/controller/requests.ts';
import { overrideHandler } from './answer-override.ts';

export const handler = overrideHandler(holdSchema, hold);
