/**
 * approve: a sign-off that a job may enter its next phase, where its policy asks for one. Invoked by operators, through the
 * function's URL where the policy counts only who is vouched for; a repeat with the same `requestId` answers the same.
 */
import { approve } from '../lib/controller/override-approve.ts';
import { approveSchema } from '../lib/controller/requests.ts';
import { overrideHandler } from './answer-override.ts';

export const handler = overrideHandler(approveSchema, approve);
