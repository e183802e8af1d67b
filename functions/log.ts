/** One structured logger for all handlers; its level comes from POWERTOOLS_LOG_LEVEL. Job ids go in lines, not in metrics. */
import { Logger } from '@aws-lambda-powertools/logger';

export const log = new Logger({ serviceName: 'crossfade' });
