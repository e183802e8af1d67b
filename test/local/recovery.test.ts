import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, it } from 'vitest';
import { claims, evidence } from '../../functions/stores.ts';
import { readEvidence } from '../../lib/controller/gather.ts';
import type { Evidence } from '../../lib/domain/evidence.ts';
import { startLocal } from '../../lib/local/runtime.ts';

const WRITER = fileURLToPath(new URL('./landing-writer.ts', import.meta.url));

describe('after SIGKILL in the middle of landings', () => {
  const dataDir = mkdtempSync(join(tmpdir(), 'crossfade-recovery-'));
  afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

  it('every accepted landing is there, and the evidence is what the landings add up to', async () => {
    const writer = spawn(process.execPath, [WRITER, dataDir, '300'], { stdio: ['ignore', 'pipe', 'inherit'] });
    let accepted = '';
    writer.stdout.on('data', (chunk) => {
      accepted += chunk;
    });
    const [, signal] = await once(writer, 'close');
    expect(signal).toBe('SIGKILL');
    const runs = accepted
      .split('\n')
      .slice(0, -1)
      .map((line) => line.split(' ') as [string, string, string]);
    expect(runs.length).toBeGreaterThan(12);

    const logged: string[] = [];
    const local = await startLocal({ port: 0, everySeconds: 0, dataDir, log: (line) => logged.push(line) });
    try {
      expect(logged.join()).toMatch(/^the last process was cut off: \d+ landings were handed over again$/);
      for (const [jobId, partition, system] of runs) {
        const claim = await claims().get(jobId, partition);
        const landings = [claim?.production?.system, claim?.shadow?.system];
        expect(landings, `${jobId} ${partition}`).toContain(system);
      }
      for (const jobId of new Set(runs.map(([jobId]) => jobId))) {
        const held = await evidence().get(jobId, 'strong');
        expect(held && uncounted(held), jobId).toEqual(
          uncounted(await readEvidence({ claims: claims() }, jobId, held?.version ?? 0, undefined)),
        );
      }
    } finally {
      expect(await local.stop()).toBe(true);
    }
  }, 60_000);
});

/** When gather counted depends on when it ran; what it folded does not. */
function uncounted({ tally: _tally, recent, ...evidence }: Evidence): Omit<Evidence, 'tally'> {
  return { ...evidence, recent: recent.map((pair) => ({ ...pair, counted: false })) };
}
