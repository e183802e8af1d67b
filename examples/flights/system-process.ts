/**
 * A system as the driver holds it: a child process that takes commands and gives reports (`protocol.ts`). One that dies,
 * says something that is no report, or does not finish in time ends the run: waiting for it would be for ever.
 */
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import type { System } from './client.ts';
import type { ClockSetting } from './clock.ts';
import type { DoneReport, DriverCommand, FailedReport, FencedReport, WorkerReport } from './protocol.ts';

export interface ProcessParts {
  system: System;
  endpoint: string;
  sources: string;
  warehouse: string;
  /** Where its reports of refused and failed runs are added. */
  reports: (FencedReport | FailedReport)[];
}

/** A command without its number. */
type Work =
  Extract<DriverCommand, { seq: number }> extends infer Command
    ? Command extends unknown
      ? Omit<Command, 'seq'>
      : never
    : never;

/** Real time. A day takes a second or two, so after this something is wrong. */
const COMMAND_TIMEOUT_MS = 60_000;
const STOP_TIMEOUT_MS = 3_000;
const ERROR_LINES_KEPT = 20;

export class SystemProcess {
  readonly system: System;
  /** Settles when the process has ended without having been asked to. */
  readonly died: Promise<never>;
  readonly #child: ChildProcessByStdio<Writable, Readable, Readable>;
  readonly #waiting = new Map<number, (report: DoneReport) => void>();
  readonly #errorLines: string[] = [];
  #seq = 0;
  #stopping = false;

  constructor({ system, endpoint, sources, warehouse, reports }: ProcessParts) {
    this.system = system;
    const script = fileURLToPath(new URL(`./${system}-system.ts`, import.meta.url));
    const args = [script, '--endpoint', endpoint, '--sources', sources, '--warehouse', warehouse];
    // A group of its own: Ctrl-C reaches only the driver, which then ends it in order. It ends by itself with its input.
    this.#child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'pipe'], detached: true });
    this.died = this.#watch();
    this.died.catch(() => {});
    createInterface({ input: this.#child.stderr }).on('line', (line) => {
      this.#errorLines.push(line);
      this.#errorLines.splice(0, this.#errorLines.length - ERROR_LINES_KEPT);
    });
    createInterface({ input: this.#child.stdout }).on('line', (line) => {
      const report: WorkerReport = JSON.parse(line);
      if (report.type === 'done') this.#waiting.get(report.seq)?.(report);
      else if (report.type !== 'ready') reports.push(report);
    });
  }

  setClock(setting: ClockSetting): void {
    this.#send({ type: 'clock', ...setting });
  }

  /** Carried out after what was asked before; resolves when it is done. */
  async carryOut(work: Work): Promise<DoneReport> {
    this.#seq += 1;
    const seq = this.#seq;
    const { promise, resolve, reject } = Promise.withResolvers<DoneReport>();
    this.#waiting.set(seq, resolve);
    const timer = setTimeout(() => {
      reject(new Error(`the ${this.system} system has not finished "${work.type}" in ${COMMAND_TIMEOUT_MS / 1000} s`));
    }, COMMAND_TIMEOUT_MS);
    try {
      this.#send({ ...work, seq } as DriverCommand);
      return await Promise.race([promise, this.died]);
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(seq);
    }
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    if (this.#child.exitCode !== null || this.#child.signalCode !== null || this.#child.pid === undefined) return;
    const exited = once(this.#child, 'exit');
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    this.#child.kill('SIGTERM');
    await exited.finally(() => clearTimeout(timer));
  }

  #send(command: DriverCommand): void {
    this.#child.stdin.write(`${JSON.stringify(command)}\n`);
  }

  #watch(): Promise<never> {
    return new Promise((_, reject) => {
      const fail = (how: string) => {
        if (this.#stopping) return;
        const said = this.#errorLines.length > 0 ? `; it said:\n${this.#errorLines.join('\n')}` : '';
        reject(new Error(`the ${this.system} system ${how}${said}`));
      };
      this.#child.on('error', (error) => fail(`could not be started: ${error.message}`));
      // After its output has been read to the end.
      this.#child.on('close', (code, signal) => fail(`has ended ${signal ? `by ${signal}` : `with code ${code}`}`));
      // What it can no longer read is said by its end.
      this.#child.stdin.on('error', () => {});
    });
  }
}
