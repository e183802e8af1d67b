/** `attention`: the jobs that a person should look at, most urgent first, longest first within a kind. */
import type { Deployment } from '../aws/deployment.ts';
import { ATTENTION_BUCKETS } from '../controller/ports.ts';
import { ATTENTION_KINDS, type AttentionKind, describeAttention } from '../domain/attention.ts';
import type { Job } from '../domain/job.ts';
import { type Output, show } from './output.ts';
import { moment, renderTable } from './table.ts';

export async function showAttention(
  { jobs }: Deployment,
  { kind, limit }: { kind?: AttentionKind | undefined; limit: number },
  output: Output,
): Promise<void> {
  const kinds = kind ? [kind] : ATTENTION_KINDS;
  const found: Job[] = [];
  for (const each of kinds) {
    const buckets = await Promise.all(
      Array.from({ length: ATTENTION_BUCKETS }, (_, bucket) => jobs.listAttention(each, bucket, limit)),
    );
    found.push(...buckets.flat().sort((a, b) => ((a.attention?.since ?? '') < (b.attention?.since ?? '') ? -1 : 1)));
    if (found.length >= limit) break;
  }
  const shown = found.slice(0, limit);
  const value = shown.map(({ jobId, team, phase, attention }) => ({ jobId, team, phase, ...attention }));
  show(output, value, () => {
    if (shown.length === 0) return 'nothing needs attention';
    const rows = shown.map(({ jobId, phase, attention }) => [
      attention?.kind ?? '',
      jobId,
      phase,
      moment(attention?.since),
      attention ? describeAttention(attention) : '',
    ]);
    return `${renderTable(['kind', 'job', 'phase', 'since', 'cause'], rows, output.width)}\n\nnext: crossfade explain ${shown[0]?.jobId}`;
  });
}
