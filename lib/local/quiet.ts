/** Counts what is under way, and lets others wait, for a bounded time, until nothing is. */
export class Quiet {
  readonly #what: string;
  #count = 0;
  #waiting: (() => void)[] = [];

  constructor(what: string) {
    this.#what = what;
  }

  get count(): number {
    return this.#count;
  }

  enter(): void {
    this.#count += 1;
  }

  leave(count = 1): void {
    this.#count -= count;
    if (this.#count === 0) for (const resolve of this.#waiting.splice(0)) resolve();
  }

  async wait(timeoutMs: number): Promise<void> {
    if (this.#count === 0) return;
    let timer: NodeJS.Timeout | undefined;
    try {
      await new Promise<void>((resolve, reject) => {
        this.#waiting.push(resolve);
        timer = setTimeout(
          () => reject(new Error(`${this.#count} ${this.#what} are still under way after ${timeoutMs / 1000} s`)),
          timeoutMs,
        );
      });
    } finally {
      clearTimeout(timer);
    }
  }
}
