/**
 * A local runtime that takes landings and is killed so long after the first of them. Prints each run once its landing was accepted.
 * Run by `recovery.test.ts`.
 */
import { startLocal } from '../../lib/local/runtime.ts';

const [dataDir = '', lifeMs = '0'] = process.argv.slice(2);
const local = await startLocal({ port: 0, everySeconds: 0, dataDir });
const jobs = Array.from({ length: 12 }, (_, index) => `job-${index}`);
await local.call('register', { jobs: jobs.map((jobId) => ({ jobId, team: 't', initialPhase: 'shadow' })) });

let landed = 0;
for (const jobId of jobs) void run(jobId);

/** Both sides of one partition after the other. */
async function run(jobId: string): Promise<never> {
  for (let day = 0; ; day++) {
    const partition = `d${String(day).padStart(5, '0')}`;
    for (const system of ['old', 'new']) {
      const { token } = await local.call<{ token: string }>('assign', { jobId, partition, system });
      const landedAt = new Date().toISOString();
      const content = { rowCount: day, checksum: `c${day}`, checksumAlgorithm: 'sha256-sum', landedAt };
      await local.call('land', { jobId, partition, system, token, ...content });
      process.stdout.write(`${jobId} ${partition} ${system}\n`);
      landed += 1;
      if (landed === 2 * jobs.length) setTimeout(() => process.kill(process.pid, 'SIGKILL'), Number(lifeMs));
    }
  }
}
