/** release: ends a hold. Invoked by operators; a repeat with the same `requestId` answers the same. */
import { release } from '../lib/controller/override.ts';
import { releaseSchema } from '../lib/controller/requests.ts';
import { overrideHandler } from './answer-override.ts';

export const handler = overrideHandler(releaseSchema, release);
