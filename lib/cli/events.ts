/**
 * `crossfade events`: what a `crossfade local` told since it was started, or with `--follow` what it tells from now on. Of a
 * deployed stack this can only say how to follow: its events go to a bus, which keeps nothing to be read here.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { EventSourceParserStream } from 'eventsource-parser/stream';
import type { Event, EventType } from '../domain/event.ts';
import { CliError, type ConnectionFlags, chooseTarget } from './connection.ts';
import { type Output, show } from './output.ts';
import { moment, renderTable } from './table.ts';
import { fitTerminal } from './wrap.ts';

export interface EventFlags extends ConnectionFlags {
  follow?: boolean;
  type?: EventType;
  team?: string;
  limit: number;
}

const ANSWER_TIMEOUT_MS = 10_000;
/** Attempts, one after the other in vain, to reach a `crossfade local` that was there. */
const MAX_RECONNECTS = 10;
const RECONNECT_MS = 1_000;

/** @param signal ends following, without an error. */
export async function showEvents(flags: EventFlags, output: Output, signal?: AbortSignal): Promise<void> {
  const target = chooseTarget(flags);
  if ('stack' in target) throw new CliError(howToFollow(target.stack), 2);
  const url = new URL('/events', target.local);
  if (flags.follow) return followEvents(url, flags, output, signal);
  const response = await fetch(url, { signal: AbortSignal.timeout(ANSWER_TIMEOUT_MS) }).catch(explainUnreachable(url));
  const told = ((await read(response).json()) as Event[]).filter((event) => isWanted(event, flags)).slice(-flags.limit);
  show(output, told, () => {
    if (told.length === 0) return 'nothing has been told yet; --follow shows what comes';
    return renderTable(['at', 'event', 'of', 'message'], told.map(rowOf), output.width);
  });
}

/** Comes again where it was cut off, so that nothing is missed that the other side still has. */
async function followEvents(url: URL, flags: EventFlags, output: Output, signal?: AbortSignal): Promise<void> {
  let lastId: string | undefined;
  for (let tries = 0; tries <= MAX_RECONNECTS && !signal?.aborted; tries++) {
    try {
      const headers = { accept: 'text/event-stream', ...(lastId !== undefined && { 'last-event-id': lastId }) };
      const { body } = read(await fetch(url, { headers, ...(signal && { signal }) }));
      if (!body) continue;
      const messages = body.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream());
      for await (const { id, data } of messages) {
        tries = 0;
        lastId = id ?? lastId;
        const event = JSON.parse(data) as Event;
        if (isWanted(event, flags)) output.print(lineOf(event, output));
      }
    } catch (error) {
      if (signal?.aborted) return;
      if (error instanceof CliError) throw error;
      // Nobody was ever there: that is a wrong address, and not an interruption.
      if (lastId === undefined && tries === 0) explainUnreachable(url)(error);
    }
    await sleep(RECONNECT_MS, undefined, signal && { signal }).catch(() => {});
  }
  if (!signal?.aborted) {
    throw new CliError(`${url.origin} has ended, and did not come back: start \`crossfade local\` and follow again`);
  }
}

function read(response: Response): Response {
  if (response.ok) return response;
  throw new CliError(`${response.url} answered ${response.status}: is it a \`crossfade local\` of this version?`);
}

function explainUnreachable(url: URL) {
  return (error: unknown): never => {
    const { cause } = error as { cause?: { code?: string; message?: string } };
    const why = cause?.code ?? cause?.message ?? (error instanceof Error ? error.message : String(error));
    throw new CliError(
      `${url.origin} cannot be reached (${why}): start \`crossfade local\`, or name it with --local URL`,
    );
  };
}

function isWanted(event: Event, { type, team }: EventFlags): boolean {
  return (
    (type === undefined || event.type === type) && (team === undefined || ('team' in event && event.team === team))
  );
}

function lineOf(event: Event, output: Output): string {
  // One line each, also in the terminal: following is read and filtered by lines.
  if (output.json) return JSON.stringify(event);
  return fitTerminal(
    rowOf(event)
      .filter((cell) => cell !== '')
      .join('  ')
      .replaceAll('\n', ' '),
    Number.POSITIVE_INFINITY,
  );
}

function rowOf(event: Event): string[] {
  const of = 'partition' in event ? `${event.jobId} ${event.partition}` : 'jobId' in event ? event.jobId : '';
  return [moment(event.at), event.type, of, event.message];
}

function howToFollow(stack: string): string {
  return [
    `stack ${stack} puts its events on an event bus, which keeps nothing that could be listed here. Send them to where you look`,
    'with a rule on that bus; docs/events/README.md has rules to CloudWatch Logs (`aws logs tail --follow`), to Slack and to a',
    'Lambda. The name of the bus:',
    `  aws cloudformation describe-stacks --stack-name ${stack} --query "Stacks[0].Outputs[?OutputKey=='EventBus'].OutputValue" --output text`,
    '`crossfade history ID` shows what happened to one job.',
  ].join('\n');
}
