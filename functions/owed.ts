/** owed: invoked by pipelines and people: which partitions does this system still have to publish? Reads only. */
import { listOwed } from '../lib/controller/owed.ts';
import { parse } from '../lib/controller/parse.ts';
import { isRefusal } from '../lib/controller/refusal.ts';
import { owedSchema } from '../lib/controller/requests.ts';
import { claims, fleet } from './stores.ts';

export async function handler(event: unknown) {
  const request = parse(owedSchema, event);
  if (isRefusal(request)) return { error: { code: request.code, message: request.message, field: request.field } };
  return { partitions: await listOwed({ claims: claims(), fleet: fleet() }, request) };
}
