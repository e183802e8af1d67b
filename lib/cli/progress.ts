/** A line that is redrawn in place while something long runs. Only on a terminal, on standard error: output stays output. */
import { pc } from './colours.ts';

export interface Progress {
  /** @param done of the total that was given at the start. */
  update(done: number): void;
  /** Takes the line away. */
  end(): void;
}

const SILENT: Progress = { update: () => {}, end: () => {} };
const REDRAW_MS = 100;

export function startProgress(what: string, total: number): Progress {
  const { stderr } = process;
  if (!stderr.isTTY || total === 0) return SILENT;
  const began = performance.now();
  let drawnAt = 0;
  return {
    update(done) {
      const now = performance.now();
      if (done < total && now - drawnAt < REDRAW_MS) return;
      drawnAt = now;
      const line = describeProgress(what, done, total, (now - began) / 1000);
      stderr.write(`\r\u001b[K${line.slice(0, (stderr.columns ?? 80) - 1)}`);
    },
    end: () => stderr.write('\r\u001b[K'),
  };
}

const BAR = 24;

/** `registering ██████░░░ 12,500 of 50,000 (25 %), 2,100 a second`. The rate is measured; what is left is not guessed. */
export function describeProgress(what: string, done: number, total: number, seconds: number): string {
  const share = done / total;
  const filled = Math.floor(share * BAR);
  const rate = seconds > 1 ? `, ${figure(done / seconds)} a second` : '';
  const bar = '█'.repeat(filled) + pc.dim('░'.repeat(BAR - filled));
  return `${what} ${bar} ${figure(done)} of ${figure(total)} (${Math.floor(share * 100)} %)${rate}`;
}

function figure(count: number): string {
  return Math.round(count).toLocaleString('en-US');
}
