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
  #wanted = false;
  #looking: Promise<void> | null = null;

  constructor(look: () => Promise<void>, onProblem: (error: unknown) => void, stopping: AbortSignal) {
    this.#look = look;
    this.#onProblem = onProblem;
    this.#stopping = stopping;
  }

  /** Has it looked at; comes back at once. */
  changed(): void {
    this.#wanted = true;
    this.#looking ??= this.#run().finally(() => {
      this.#looking = null;
    });
  }

  /** Ends when nothing is left to look at, or soon after the signal. */
  async idle(): Promise<void> {
    await this.#looking;
  }

  async #run(): Promise<void> {
    while (this.#wanted && !this.#stopping.aborted) {
      this.#wanted = false;
      try {
        await this.#look();
      } catch (error) {
        this.#onProblem(error);
        this.#wanted = true;
        await sleep(AGAIN_MS, this.#stopping);
      }
    }
  }
}
