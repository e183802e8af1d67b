/**
 * resume: ends a pause of the fleet, or with `breaker: true` closes the breaker. Invoked by operators; a repeat with the same
 * `requestId` answers the same.
 */
import { resume } from '../lib/controller/pause.ts';
import { resumeSchema } from '../lib/controller/requests.ts';
import { fleetHandler } from './answer-fleet.ts';

export const handler = fleetHandler(resumeSchema, resume);
