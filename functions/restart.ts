/**
 * restart: the same phase with a new epoch, so that evidence is gathered anew, e.g. when a known defect is fixed. Invoked by
 * operators; a repeat with the same `requestId` answers the same.
 */
import { restart } from '../lib/controller/override.ts';
import { restartSchema } from '../lib/controller/requests.ts';
import { overrideHandler } from './answer-override.ts';

export const handler = overrideHandler(restartSchema, restart);
