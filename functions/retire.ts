/**
 * retire: takes a job that is deleted or abandoned out of the fleet, for good. `confirm` names the job again. Invoked by
 * operators; a repeat with the same `requestId` answers the same.
 */
import { retire } from '../lib/controller/override.ts';
import { retireSchema } from '../lib/controller/requests.ts';
import { overrideHandler } from './answer-override.ts';

export const handler = overrideHandler(retireSchema, retire);
