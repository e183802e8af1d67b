/** Hooks of this machine that misbehave: none of them hangs its caller, fills its memory or runs what its name says. */
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { openHookSource } from '../../lib/local/hook-source.ts';

const folder = mkdtempSync(join(tmpdir(), 'crossfade-hook-sources-'));
afterAll(() => rmSync(folder, { recursive: true }));

function aFile(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

async function askServer(answer: RequestListener): Promise<unknown> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    return await openHookSource(`http://127.0.0.1:${(server.address() as AddressInfo).port}/gate`)({});
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

const PASSES = 'export const handler = async (request) => ({ got: request });';

describe('a hook of this machine', () => {
  it('is run as it is called, whatever its name would mean to a shell', async () => {
    const pwned = join(folder, 'pwned');
    const path = aFile(`we"ird '$(touch ${'pwned'}) ;%20&.mjs`, PASSES);
    expect(await openHookSource(path)({ text: `'"; $(touch ${pwned})` })).toEqual({
      got: { text: `'"; $(touch ${pwned})` },
    });
    expect(existsSync(pwned) || existsSync('pwned')).toBe(false);
  });

  it('has no more time than it is given, also where a process that it left behind holds on to its pipes', async () => {
    const path = aFile(
      'leaves.mjs',
      `import { spawn } from 'node:child_process';
      export async function handler() {
        spawn('sleep', ['20'], { stdio: ['ignore', 'ignore', 'inherit'], detached: true }).unref();
        return {};
      }`,
    );
    await expect(openHookSource(path, 1)({})).rejects.toThrow('leaves.mjs gave no answer within 1 s');
  });

  it('that prints instead of answering, or answers too much, is said to', async () => {
    const silent = aFile('silent.mjs', 'export const handler = () => console.log("pass");');
    expect(await openHookSource(silent)({})).toBeNull();
    const large = aFile('large.mjs', 'export const handler = () => "x".repeat(6_000_000);');
    await expect(openHookSource(large)({})).rejects.toThrow('answered no JSON');
  });

  it('that sends without an end is cut off', async () => {
    const endless: RequestListener = (_, response) => {
      const more = (): void => void (response.destroyed || response.write('x'.repeat(65_536), more));
      more();
    };
    await expect(askServer(endless)).rejects.toThrow('answered more than 1000000 bytes');
  });

  it('that answers with an error says which', async () => {
    const wrong: RequestListener = (_, response) => void response.writeHead(503).end('no database');
    await expect(askServer(wrong)).rejects.toThrow('answered 503: no database');
  });
});
