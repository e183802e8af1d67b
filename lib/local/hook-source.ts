/**
 * A team's gate or hook on this machine, before it is deployed: a TypeScript or JavaScript file, a Python file, or a process that
 * takes requests by HTTP. `crossfade local --hook` runs it as the function of a policy, `crossfade hooks check` tries it out.
 * Time and answer are bounded here, whatever the hook does and leaves behind.
 */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Readable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { MAX_HOOK_SECONDS } from '../domain/hook-policy.ts';

/** Asks the hook; rejects when it throws. */
export type HookSource = (request: unknown) => Promise<unknown>;

const SCRIPT = /\.(ts|mts|js|mjs|cjs)$/;
const PYTHON = /\.py$/;
const MAX_OUTPUT_BYTES = 1_000_000;

/**
 * @param source `./gate.ts`, `./gate.py`, `http://127.0.0.1:8080/gate`; a file has the handler in `handler`.
 * @param seconds after which there is no answer. Default 60, as long as any hook may take.
 */
export function openHookSource(source: string, seconds = MAX_HOOK_SECONDS): HookSource {
  if (/^https?:\/\//.test(source)) return (request) => askUrl(source, request, seconds);
  const path = resolve(source);
  if (!SCRIPT.test(path) && !PYTHON.test(path)) {
    throw new Error(`${source} is no hook that can be run: name a .ts, .js or .py file with a handler, or a URL`);
  }
  if (!existsSync(path)) throw new Error(`${source}: there is no such file`);
  return (request) => run(path, request, seconds);
}

async function askUrl(url: string, request: unknown, seconds: number): Promise<unknown> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(request),
    signal: AbortSignal.timeout(seconds * 1_000),
  });
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > MAX_OUTPUT_BYTES) throw new Error(`${url} answered more than ${MAX_OUTPUT_BYTES} bytes`);
    chunks.push(chunk);
  }
  const text = Buffer.concat(chunks).toString();
  if (!response.ok) throw new Error(`${url} answered ${response.status}: ${text.slice(0, 200)}`);
  return JSON.parse(text) as unknown;
}

/** Its answer comes on a channel of its own, since a hook may print what it likes. */
const ANSWER = 3;

const NODE_MAIN = `
import { writeSync } from 'node:fs';
import { text } from 'node:stream/consumers';
try {
  const { handler } = await import(process.argv[1]);
  if (typeof handler !== 'function') throw new Error('it exports no function named handler');
  writeSync(${ANSWER}, JSON.stringify(await handler(JSON.parse(await text(process.stdin)))) ?? 'null');
  process.exit(0);
} catch (error) {
  console.error(error instanceof Error ? error.name + ': ' + error.message : String(error));
  process.exit(1);
}
`;

const PYTHON_MAIN = `
import importlib.util, json, os, sys
sys.path.insert(0, os.path.dirname(sys.argv[1]))
spec = importlib.util.spec_from_file_location("hook", sys.argv[1])
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
with os.fdopen(${ANSWER}, "w") as answers:
    answers.write(json.dumps(module.handler(json.load(sys.stdin), None)))
`;

/** A process for each call, as a cold Lambda: what a hook keeps in memory is not relied on. */
function run(path: string, request: unknown, seconds: number): Promise<unknown> {
  const [command, args] = PYTHON.test(path)
    ? ['python3', ['-c', PYTHON_MAIN, path]]
    : [process.execPath, ['--input-type=module', '-e', NODE_MAIN, pathToFileURL(path).href]];
  return new Promise((done, fail) => {
    const child = spawn(command as string, args as string[], {
      stdio: ['pipe', 'ignore', 'pipe', 'pipe'],
    });
    // Not only until it ends: a process that it left behind may hold its ends of the pipes for ever.
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      for (const stream of child.stdio) stream?.destroy();
      fail(new Error(`${path} gave no answer within ${seconds} s`));
    }, seconds * 1_000);
    const answer = keep(child.stdio[ANSWER] as Readable);
    const log = keep(child.stderr as Readable);
    child.on('error', (error) => {
      clearTimeout(timer);
      fail(new Error(`${String(command)} could not be started: ${error.message}`));
    });
    // It may end without reading what it is asked.
    child.stdin?.on('error', () => undefined);
    child.on('close', (code, signal) => {
      clearTimeout(timer);
      const said = log().trim().split('\n').at(-1) ?? '';
      if (code !== 0) return fail(new Error(`${path} ended with ${signal ?? code}: ${said}`));
      try {
        done(JSON.parse(answer()));
      } catch {
        fail(new Error(`${path} answered no JSON: ${said}`));
      }
    });
    child.stdin?.end(JSON.stringify(request));
  });
}

/** The beginning of what comes, as text. */
function keep(stream: Readable): () => string {
  const chunks: Buffer[] = [];
  let bytes = 0;
  stream.on('data', (chunk: Buffer) => {
    if (bytes < MAX_OUTPUT_BYTES) chunks.push(chunk);
    bytes += chunk.byteLength;
  });
  return () => Buffer.concat(chunks).toString();
}
