/** promote: one phase onward, by hand. Says which needs are not met, and wants `force: true` to go on. Invoked by operators; a repeat with the same `requestId` answers the same. */
import { promote } from '../lib/controller/override.ts';
import { promoteSchema } from '../lib/controller/requests.ts';
import { overrideHandler } from './answer-override.ts';

export const handler = overrideHandler(promoteSchema, promote);
