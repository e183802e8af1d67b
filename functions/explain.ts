/** explain: invoked by the CLI and by people. Answers a job with its verdicts, the decision and what is open. Reads only. */
import { explain } from '../lib/controller/explain.ts';
import { parse } from '../lib/controller/parse.ts';
import { isRefusal } from '../lib/controller/refusal.ts';
import { explainSchema } from '../lib/controller/requests.ts';
import { allPorts } from './deciding.ts';
import { now } from './runtime.ts';

export async function handler(event: unknown) {
  const request = parse(explainSchema, event);
  const answer = isRefusal(request) ? request : await explain(allPorts(), request.jobId, now());
  if (!isRefusal(answer)) return answer;
  const { code, message, field } = answer;
  return { error: { code, message, ...(field !== undefined && { field }) } };
}
