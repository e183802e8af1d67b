/** An expected refusal: a value with a stable code, and a message that says what was seen and what to do next. */
export interface Refusal {
  refused: true;
  code: string;
  message: string;
  field?: string;
}

export function refuse(code: string, message: string, field?: string): Refusal {
  return { refused: true, code, message, ...(field !== undefined && { field }) };
}

export function isRefusal(value: object): value is Refusal {
  return 'refused' in value;
}

export function unknownJob(jobId: string): Refusal {
  return refuse('UnknownJob', `job ${JSON.stringify(jobId)} is not registered: register it first`, 'jobId');
}
