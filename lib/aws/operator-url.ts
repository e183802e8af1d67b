/**
 * A verb through its function's URL, signed as who calls: AWS then says who that is, and the record bears `verified`. Signing
 * is the Lambda client's own, with the credentials and the region that it found. Used by `deployment.ts`.
 */
import type { LambdaClient } from '@aws-sdk/client-lambda';

/** The functions themselves are given up to a minute. */
const TIMEOUT_MS = 65_000;

/** @throws when the URL answers anything but a verb's answer; refusals are in that. */
export async function callUrl(client: LambdaClient, url: string, payload: object): Promise<Record<string, unknown>> {
  const { protocol, hostname, host, port, pathname } = new URL(url);
  const body = JSON.stringify(payload);
  const signer = await client.config.signer();
  const { headers } = await signer.sign({
    method: 'POST',
    protocol,
    hostname,
    ...(port !== '' && { port: Number(port) }),
    path: pathname,
    query: {},
    headers: { host, 'content-type': 'application/json' },
    body,
  });
  // Fetch makes it of the URL itself, the same.
  const { host: _, ...sent } = headers as Record<string, string>;
  const response = await fetch(url, { method: 'POST', headers: sent, body, signal: AbortSignal.timeout(TIMEOUT_MS) });
  const text = await response.text();
  const answer = parseAnswer(text);
  if (answer) return answer;
  const error = new Error(`${url} answered ${response.status}: ${text.slice(0, 200)}`);
  if (response.status === 403) error.name = 'AccessDeniedException';
  throw error;
}

/** A verb's answer says `ok`; what a gateway says, which is JSON as well, does not. */
function parseAnswer(text: string): Record<string, unknown> | undefined {
  try {
    const parsed: unknown = JSON.parse(text);
    const isAnswer = parsed !== null && typeof parsed === 'object' && 'ok' in parsed;
    return isAnswer ? (parsed as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
