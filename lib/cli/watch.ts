/** `watch`: the status again and again, in place on a terminal, until Ctrl-C. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Deployment } from '../aws/deployment.ts';
import { showAttention } from './attention.ts';
import type { Output } from './output.ts';
import { showStatus } from './status.ts';

const URGENT_SHOWN = 10;

export async function watch(
  deployment: Deployment,
  { every, times }: { every: number; times?: number | undefined },
  output: Output,
): Promise<void> {
  for (let turn = 1; ; turn++) {
    const page: string[] = [];
    const gathered = { ...output, print: (text: string) => page.push(text) };
    await showStatus(deployment, gathered);
    if (!output.json) {
      page.push('');
      await showAttention(deployment, { limit: URGENT_SHOWN }, gathered);
    }
    // Written at once, so that the screen never shows half of a page.
    output.print((process.stdout.isTTY && !output.json ? '\u001b[H\u001b[2J' : '') + page.join('\n'));
    if (turn === times) return;
    await sleep(every * 1_000);
  }
}
