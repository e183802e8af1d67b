/**
 * tell: between the tables' streams and the event bus. Pipes invoke it with a few records at a time and put what it answers
 * on the bus, in that order. It may be given a record twice, and answers the same events with the same ids.
 */
import type { DynamoDBRecord } from 'aws-lambda';
import { decodeChange } from '../lib/aws/told.ts';
import { tell } from '../lib/controller/tell.ts';
import type { Event } from '../lib/domain/event.ts';
import { log } from './log.ts';
import { jobs } from './stores.ts';

export async function handler(records: DynamoDBRecord[]): Promise<Event[]> {
  const events = await tell({ jobs: jobs() }, records.map(decodeChange));
  for (const event of events) {
    const { type, eventId, correlation, message } = event;
    if (type === 'RecordUnreadable') log.error('unreadable', { eventId, message });
    else log.info('told', { type, eventId, ...correlation });
  }
  return events;
}
