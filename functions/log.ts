/**
 * One structured logger for all handlers, which names the deployment; its level comes from POWERTOOLS_LOG_LEVEL. Job ids go in
 * lines, not in metrics.
 */
import { Logger } from '@aws-lambda-powertools/logger';

export const log = new Logger({ serviceName: process.env.CROSSFADE_DEPLOYMENT || 'crossfade' });
