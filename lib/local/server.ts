/**
 * The one HTTP endpoint, on loopback only: Lambda, Step Functions, SQS and (reading) DynamoDB behind one address, so that
 * `AWS_ENDPOINT_URL` is all that a client sets, and the dashboard beside them. It has no login, so it refuses what a web
 * page could send it: requests with an `Origin`, also its own, since the dashboard's pages have a guarded way of their own
 * (`dashboard-guard.ts`); and those that name it otherwise than as loopback.
 */
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { AwsError } from './aws-error.ts';
import type { Dashboard } from './dashboard.ts';
import type { Streamed } from './events-endpoint.ts';
import { MAX_PAYLOAD_BYTES } from './invoke.ts';
import { type Answer, functionInPath } from './lambda-endpoint.ts';

/** What is behind the endpoint. */
export interface Services {
  invoke: (name: string, type: string, payload: string) => Promise<Answer>;
  states: (operation: string, request: Record<string, unknown>) => Promise<object> | object;
  sqs: (operation: string, request: Record<string, unknown>) => Promise<object> | object;
  dynamodb: (operation: string, contentType: string, body: Buffer) => Promise<Answer>;
  /** Events as they are told; a stream that lasts until the client has enough. */
  events: (request: IncomingMessage) => Answer | Streamed;
  health: () => object;
  dashboard: Dashboard;
  log: (message: string) => void;
}

export interface Endpoint {
  url: string;
  /** Takes no more requests, and waits for those under way, for as long as given. */
  close(timeoutMs: number): Promise<void>;
}

const HOST = '127.0.0.1';
/** Longer than SDKs keep an idle connection, so that it is they who close it. */
const KEEP_ALIVE_MS = 120_000;
const REQUEST_TIMEOUT_MS = 30_000;

export async function startEndpoint(port: number, services: Services): Promise<Endpoint> {
  let url = '';
  const unused = new Set<Socket>();
  const server = createServer((request, response) => {
    unused.delete(request.socket);
    const [path = '/'] = (request.url ?? '/').split('?');
    if (services.dashboard.owns(request.method, path)) {
      void services.dashboard.handle(request, response);
      return;
    }
    void answer(services, url, request)
      .catch((error: unknown) => failed(services, error))
      .then((answered) => respond(response, answered));
  });
  server.on('connection', (socket: Socket) => {
    unused.add(socket);
    socket.once('close', () => unused.delete(socket));
  });
  server.keepAliveTimeout = KEEP_ALIVE_MS;
  server.requestTimeout = REQUEST_TIMEOUT_MS;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, HOST, resolve);
  });
  url = `http://${HOST}:${(server.address() as AddressInfo).port}`;
  return {
    url,
    async close(timeoutMs) {
      const timer = setTimeout(() => server.closeAllConnections(), timeoutMs);
      await services.dashboard.close();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
        // Clients connect ahead of what they may ask, and Node does not count such a connection as idle.
        for (const socket of unused) socket.destroy();
      });
      clearTimeout(timer);
    },
  };
}

async function answer(services: Services, url: string, request: IncomingMessage): Promise<Answer | Streamed> {
  refuseWebPages(url, request);
  const { method = '', headers } = request;
  const { pathname } = new URL(request.url ?? '/', url);
  if (method === 'GET' && pathname === '/events') return services.events(request);
  if (method === 'GET' && pathname === '/healthz') return json(200, services.health());
  if (method !== 'POST')
    throw new AwsError('UnknownOperationException', `${method} ${pathname}: no such operation`, 404);

  const name = functionInPath(pathname);
  const body = await readBody(request);
  if (name !== undefined) {
    const type = headers['x-amz-invocation-type'] ?? 'RequestResponse';
    return services.invoke(name, String(type), body.toString());
  }
  const [service = '', operation = ''] = String(headers['x-amz-target'] ?? '').split('.');
  const contentType = headers['content-type'] ?? 'application/x-amz-json-1.0';
  switch (service) {
    case 'DynamoDB_20120810':
      return services.dynamodb(operation, contentType, body);
    case 'AWSStepFunctions':
      return json(200, await services.states(operation, parseObject(body)), contentType);
    case 'AmazonSQS':
      return json(200, await services.sqs(operation, parseObject(body)), contentType);
    default:
      throw new AwsError(
        'UnknownOperationException',
        `POST ${pathname} with target '${service}.${operation}': crossfade local has Lambda invocations, AWSStepFunctions, AmazonSQS and DynamoDB_20120810`,
        404,
      );
  }
}

/** Any page in a browser on this machine can send a POST to loopback, and none has business with these operations. */
function refuseWebPages(url: string, { headers }: IncomingMessage): void {
  const { host = '', origin } = headers;
  const name = host.replace(/:\d+$/, '');
  if (name !== HOST && name !== 'localhost' && !name.endsWith('.localhost')) {
    throw new AwsError(
      'AccessDeniedException',
      `Host ${host.slice(0, 100)} is refused: call this endpoint as ${url}`,
      403,
    );
  }
  if (origin !== undefined) {
    throw new AwsError('AccessDeniedException', 'Requests from web pages are refused', 403);
  }
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  // What is too large is read to its end but not kept, so that the sender gets to hear why.
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size <= MAX_PAYLOAD_BYTES) chunks.push(chunk);
    if (size > 4 * MAX_PAYLOAD_BYTES) break;
  }
  if (size > MAX_PAYLOAD_BYTES) {
    const seen = size > 4 * MAX_PAYLOAD_BYTES ? `more than ${4 * MAX_PAYLOAD_BYTES}` : size;
    const message = `the request has ${seen} bytes, and ${MAX_PAYLOAD_BYTES} are allowed`;
    throw new AwsError('RequestTooLargeException', message, 413);
  }
  return Buffer.concat(chunks);
}

function parseObject(body: Buffer): Record<string, unknown> {
  try {
    const parsed: unknown = body.length === 0 ? {} : JSON.parse(body.toString());
    if (parsed !== null && typeof parsed === 'object') return parsed as Record<string, unknown>;
  } catch {
    // Said below.
  }
  throw new AwsError('SerializationException', 'The request body is not a JSON object');
}

function json(status: number, value: object, contentType = 'application/json'): Answer {
  return { status, headers: { 'content-type': contentType }, body: JSON.stringify(value) };
}

function failed(services: Services, error: unknown): Answer {
  const known = error instanceof AwsError;
  if (!known) services.log(`endpoint: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  const { code, message, status } = known
    ? error
    : new AwsError('InternalFailure', `crossfade local failed: ${String(error)}`, 500);
  const answered = json(status, { __type: code, message, Type: status < 500 ? 'User' : 'Service' });
  return { ...answered, headers: { ...answered.headers, 'x-amzn-errortype': code } };
}

function respond(response: ServerResponse, answered: Answer | Streamed): void {
  if ('stream' in answered) {
    answered.stream(response);
    return;
  }
  const { status, headers, body } = answered;
  response.writeHead(status, {
    'x-amzn-requestid': randomUUID(),
    ...headers,
    'content-length': String(Buffer.byteLength(body)),
  });
  response.end(body);
}
