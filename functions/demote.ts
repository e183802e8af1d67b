/** demote: one phase back by hand, or with `to` several. It needs nothing but a reason. Invoked by operators; a repeat with the same `requestId` answers the same. */
import { demote } from '../lib/controller/override.ts';
import { demoteSchema } from '../lib/controller/requests.ts';
import { overrideHandler } from './answer-override.ts';

export const handler = overrideHandler(demoteSchema, demote);
