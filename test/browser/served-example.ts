/**
 * The example as `npm start` runs it, small: two systems' real landings, swept and settled, and then serving its dashboard
 * until it is stopped. What people do elsewhere is done through its endpoint, with the AWS SDK.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { connectLambda, invoke } from '../../examples/flights/client.ts';

const RUN = fileURLToPath(new URL('../../examples/flights/run.ts', import.meta.url));
const SETTLED = 'goes on serving';
const START_MS = 600_000;

export interface ServedExample {
  url: string;
  /** Whether the story is over; the page is live from the beginning. */
  settled: Promise<void>;
  invoke<Answer>(name: string, payload: object): Promise<Answer>;
  stop(): Promise<void>;
}

export async function serveExample(...options: string[]): Promise<ServedExample> {
  const child = spawn(process.execPath, [RUN, '--port', '0', ...options], { stdio: ['ignore', 'pipe', 'pipe'] });
  const said = listen(child);
  const [url = ''] = await said(/http:\/\/127\.0\.0\.1:\d+/);
  const lambda = connectLambda(url);
  const settled = said(new RegExp(SETTLED)).then(() => {});
  // Whoever does not wait for it need not hear that it was stopped before.
  settled.catch(() => {});
  return {
    url,
    settled,
    invoke: (name, payload) => invoke(lambda, name, payload),
    async stop() {
      if (child.exitCode !== null) return;
      const exited = once(child, 'exit');
      child.kill('SIGINT');
      await exited;
    },
  };
}

function listen(child: ChildProcess): (wanted: RegExp) => Promise<RegExpExecArray> {
  let output = '';
  let waiting: (() => void)[] = [];
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      for (const look of waiting) look();
    });
  }
  return (wanted) =>
    new Promise((resolve, reject) => {
      const fail = (why: string) => reject(new Error(`the example ${why} before it said ${wanted}:\n${output}`));
      const timer = setTimeout(() => fail(`took ${START_MS / 1_000} s`), START_MS);
      const look = () => {
        const found = wanted.exec(output);
        if (!found) return;
        clearTimeout(timer);
        waiting = waiting.filter((other) => other !== look);
        resolve(found);
      };
      child.once('exit', (code) => {
        clearTimeout(timer);
        fail(`ended with ${code}`);
      });
      waiting.push(look);
      look();
    });
}
