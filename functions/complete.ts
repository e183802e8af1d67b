/** complete: confirms that the old job is removed, which ends the job's migration. `confirm` names the job again. Invoked by operators; a repeat with the same `requestId` answers the same. */
import { complete } from '../lib/controller/override.ts';
import { completeSchema } from '../lib/controller/requests.ts';
import { overrideHandler } from './answer-override.ts';

export const handler = overrideHandler(completeSchema, complete);
