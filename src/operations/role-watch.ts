import { sleep } from '../kernel/clock.ts';

/** How long after a look that failed the next one comes, in milliseconds. */
const AGAIN_MS = 5_000;

/**
 * Looks at who holds what whenever that may have changed. One look at a time, and one more after a change that came
 * during it, so that the last look has seen the last change. A look that fails is tried again.
 */
export class RoleWatch {
  readonly #look: () => Promise<void>;
  readonly #onProblem: (error: unknown) => void;
  readonly #stopping: AbortSignal;
  readonly #againMs: number;
  #wanted = false;
  #looking = false;

  constructor(
    look: () => Promise<void>,
    onProblem: (error: unknown) => void,
    stopping: AbortSignal,
    againMs = AGAIN_MS,
  ) {
    this.#look = look;
    this.#onProblem = onProblem;
    this.#stopping = stopping;
    this.#againMs = againMs;
  }

  /** Has it looked at; comes back at once. */
  changed(): void {
    this.#wanted = true;
    if (!this.#looking) void this.#run();
  }

  async #run(): Promise<void> {
    this.#looking = true;
    while (this.#wanted && !this.#stopping.aborted) {
      this.#wanted = false;
      try {
        await this.#look();
      } catch (error) {
        this.#onProblem(error);
        this.#wanted = true;
        await sleep(this.#againMs, this.#stopping);
      }
    }
    this.#looking = false;
  }
}
