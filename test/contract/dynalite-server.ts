/** dynalite in this process, on a port that is free. It comes without types. */
import { once } from 'node:events';
import type { Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';

const startDynalite = createRequire(import.meta.url)('dynalite') as (options: { createTableMs: number }) => Server;

export async function openDynalite(): Promise<{ endpoint: string; close(): Promise<void> }> {
  const server = startDynalite({ createTableMs: 0 });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}`,
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
