/**
 * Shows the story while it happens: on a terminal a few lines that are redrawn, otherwise a line for each day and each
 * event, so that a log reads as a diary. Colours follow NO_COLOR. `migration.ts` says what there is to show.
 */
import pc from 'picocolors';
import type { Job } from '../../lib/domain/job.ts';
import { PHASES, type Phase } from '../../lib/domain/phases.ts';
import type { TransitionRecord } from '../../lib/domain/transition.ts';
import type { Trouble } from './operations.ts';
import { countByPhase } from './summary.ts';

export interface ClosedDay {
  number: number;
  of: number;
  day: string;
  /** Of the new system. */
  release: string;
  jobs: readonly Job[];
  /** Of this day, by automation. */
  transitions: readonly TransitionRecord[];
  /** Old jobs whose removal was confirmed. */
  removed: number;
  /** What needs attention, most urgent first, with the reason. */
  troubles: readonly Trouble[];
  fenced: number;
  sweeps: number;
}

export interface Progress {
  note(text: string): void;
  closeDay(day: ClosedDay): void;
  /** Leaves what is shown where it is: what is said after this comes below it. */
  end(): void;
}

const PHASE_COLOURS: Record<Phase, (text: string) => string> = {
  pending: pc.gray,
  shadow: pc.yellow,
  'reverse-shadow': pc.cyan,
  cleanup: pc.blue,
  complete: pc.green,
};
const BAR_WIDTH = 40;
const NOTES_SHOWN = 5;
const PLAIN_WIDTH = 240;

export function showProgress(output: NodeJS.WriteStream): Progress {
  return output.isTTY ? new LiveProgress(output) : new PlainProgress(output);
}

class LiveProgress implements Progress {
  readonly #output: NodeJS.WriteStream;
  readonly #notes: string[] = [];
  #day: ClosedDay | undefined;
  #linesShown = 0;
  #ended = false;

  constructor(output: NodeJS.WriteStream) {
    this.#output = output;
  }

  note(text: string): void {
    if (this.#ended) {
      this.#output.write(`${text}\n`);
      return;
    }
    this.#notes.push(`day ${(this.#day?.number ?? 0) + 1}  ${text}`);
    this.#redraw();
  }

  closeDay(day: ClosedDay): void {
    this.#day = day;
    const demoted = describeDemotions(day);
    if (demoted !== undefined) this.#notes.push(`day ${day.number}  ${demoted}`);
    this.#redraw();
  }

  end(): void {
    this.#ended = true;
  }

  /** No line may be wider than the terminal: a wrapped one would not be cleared. */
  #redraw(): void {
    const width = (this.#output.columns || 80) - 1;
    const notes = this.#notes.slice(-NOTES_SHOWN).map((note) => pc.dim(cut(`  ${note}`, width)));
    const lines = [...(this.#day ? renderDay(this.#day, width) : []), ...notes];
    const clear = this.#linesShown > 0 ? `\u001b[${this.#linesShown}A\u001b[0J` : '';
    this.#output.write(`${clear}${lines.join('\n')}\n`);
    this.#linesShown = lines.length;
  }
}

class PlainProgress implements Progress {
  readonly #output: NodeJS.WriteStream;
  readonly #said = new Map<string, number>();

  constructor(output: NodeJS.WriteStream) {
    this.#output = output;
  }

  note(text: string): void {
    this.#output.write(`  ${text}\n`);
  }

  closeDay(day: ClosedDay): void {
    const demoted = describeDemotions(day);
    if (demoted !== undefined) this.note(demoted);
    for (const trouble of day.troubles) this.#sayWhenChanged(trouble);
    const counts = countByPhase(day.jobs);
    const phases = PHASES.map((phase) => `${phase} ${counts[phase]}`).join(', ');
    this.#output.write(`day ${day.number} ${day.day}: ${phases}; ${describeMoves(day)}\n`);
  }

  end(): void {}

  /** Again only when it has doubled: a log is read from top to bottom. */
  #sayWhenChanged(trouble: Trouble): void {
    if (trouble.count < 2 * (this.#said.get(trouble.what) ?? 0.5)) return;
    this.#said.set(trouble.what, trouble.count);
    this.note(`attention: ${cut(describeTrouble(trouble), PLAIN_WIDTH)}`);
  }
}

function renderDay(day: ClosedDay, width: number): string[] {
  const counts = countByPhase(day.jobs);
  const barWidth = Math.max(0, Math.min(BAR_WIDTH, width - 22));
  const bars = PHASES.map((phase) => {
    const length = Math.ceil((counts[phase] / Math.max(1, day.jobs.length)) * barWidth);
    const bar = PHASE_COLOURS[phase]('█'.repeat(length)) + pc.dim('░'.repeat(barWidth - length));
    return `  ${phase.padEnd(14)} ${bar} ${String(counts[phase]).padStart(4)}`;
  });
  const head = `day ${day.number} of ${day.of}, ${day.day}: the new system runs ${day.release}; ${day.sweeps} sweeps`;
  return [
    '',
    pc.bold(cut(head, width)),
    ...bars,
    cut(`  ${describeMoves(day)}`, width),
    ...day.troubles.map((trouble) => pc.red(cut(`  ! ${describeTrouble(trouble)}`, width))),
  ];
}

function describeMoves({ transitions, removed, jobs, fenced }: ClosedDay): string {
  const onward = transitions.filter(({ type }) => type === 'promotion').length;
  const troubled = jobs.filter(({ attention }) => attention !== undefined).length;
  const removals = removed > 0 ? `, ${removed} old jobs removed` : '';
  return `${onward} promoted, ${transitions.length - onward} demoted${removals}; ${troubled} need attention, ${fenced} runs fenced so far`;
}

function describeDemotions({ transitions }: ClosedDay): string | undefined {
  const demotions = transitions.filter(({ type }) => type === 'demotion');
  const [first] = demotions;
  return first && `${demotions.length} jobs demoted, e.g. ${first.jobId}: ${first.message}`;
}

function describeTrouble({ what, count, job, message }: Trouble): string {
  return `${count} ${what}, e.g. ${job.jobId}: ${message}`;
}

function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`;
}
