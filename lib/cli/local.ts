/**
 * `crossfade local`: starts the local runtime, says how to reach it, tells of every transition, and stops on Ctrl-C: the
 * first lets it finish what is under way, the second ends it at once.
 */
import { existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { type HistoryRecord, isTransition } from '../domain/transition.ts';
import { type HookSource, openHookSource } from '../local/hook-source.ts';
import { TABLE_NAMES } from '../local/names.ts';
import { type LocalRuntime, startLocal } from '../local/runtime.ts';
import { pc } from './colours.ts';

export interface LocalFlags {
  port: number;
  data?: string;
  /** Seconds. */
  every: number;
  policies?: string;
  /** `name=source`, each. */
  hook?: string[];
}

export async function runLocal({ port, data, every, policies, hook = [] }: LocalFlags): Promise<void> {
  const print = (line: string) => console.log(line);
  const warn = (line: string) => console.error(pc.yellow(line));
  let runtime: LocalRuntime;
  try {
    if (policies !== undefined) requireFolder(policies);
    runtime = await startLocal({
      port,
      everySeconds: every,
      hooks: openHooks(hook),
      log: warn,
      ...(data !== undefined && { dataDir: resolve(data) }),
      ...(policies !== undefined && { policiesDir: resolve(policies) }),
    });
  } catch (error) {
    console.error(pc.red(explainStart(error as NodeJS.ErrnoException, port)));
    process.exitCode = 1;
    return;
  }
  runtime.onHistory((record) => print(describeRecord(record)));
  print(describeRuntime(runtime, { port, every, ...(data !== undefined && { data }) }));

  const failure = await Promise.race([untilInterrupted(), runtime.failed]);
  if (failure instanceof Error) {
    console.error(pc.red(`the embedded database has failed, start again: ${failure.message}`));
    process.exit(1);
  }
  print('stopping: finishing what is under way; Ctrl-C again ends it at once');
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
  const clean = await runtime.stop();
  print(clean ? 'stopped' : 'stopped before everything was handed over: the next start on this data replays it');
  process.exit(0);
}

function untilInterrupted(): Promise<void> {
  return new Promise((done) => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => done());
  });
}

function openHooks(named: readonly string[]): Record<string, HookSource> {
  return Object.fromEntries(
    named.map((text) => {
      const [, name, source] = /^([^=]+)=(.+)$/.exec(text) ?? [];
      if (name === undefined || source === undefined) {
        throw new Error(`--hook ${text}: name=source is wanted, such as orders-gate=./gate.ts`);
      }
      return [name, openHookSource(source)];
    }),
  );
}

function requireFolder(folder: string): void {
  if (existsSync(folder) && statSync(folder).isDirectory()) return;
  throw new Error(`--policies ${folder}: there is no such folder`);
}

function explainStart(error: NodeJS.ErrnoException, port: number): string {
  if (error.code === 'EADDRINUSE') {
    return `port ${port} is in use, perhaps by another crossfade local (look at http://127.0.0.1:${port}/healthz): stop it, or choose another with --port ${port + 1}`;
  }
  if (error.code === 'EACCES') return `port ${port} is not for everybody: choose one from 1024 on with --port`;
  return error.message;
}

function describeRuntime({ url, env }: Pick<LocalRuntime, 'url' | 'env'>, flags: LocalFlags): string {
  const job = `'{"jobs": [{"jobId": "orders.daily", "team": "orders"}]}'`;
  return [
    `crossfade local is running at ${pc.bold(url)}; it sweeps every ${flags.every} s`,
    `The dashboard is there too: open ${pc.bold(`${url}/`)} in a browser.`,
    flags.data === undefined
      ? 'The tables are in memory and end with this process; keep them with --data FOLDER.'
      : `The tables are in ${resolve(flags.data)}.`,
    '',
    'Any AWS client reaches it with these variables:',
    `  export ${Object.entries(env)
      .map(([name, value]) => `${name}=${value}`)
      .join(' ')}`,
    '',
    'Register a job, see what there is, and what it does:',
    // Read as bytes: the two AWS CLIs differ in how they take a payload as text.
    `  echo ${job} | aws lambda invoke --function-name register --payload fileb:///dev/stdin /dev/stdout`,
    `  aws dynamodb scan --table-name ${TABLE_NAMES.jobs}`,
    `  curl ${url}/healthz`,
    '',
    `Tables, for reading: ${Object.values(TABLE_NAMES).join(', ')}`,
    'Next: docs/integrate.md says how a pipeline asks and reports. Ctrl-C stops.',
  ].join('\n');
}

function describeRecord(record: HistoryRecord): string {
  const what = isTransition(record) ? `${record.from} -> ${record.to}` : record.type;
  return `${record.at} ${pc.bold(record.jobId)} ${what}: ${record.message}`;
}
