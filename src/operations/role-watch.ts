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

  /** Looks for the first time; comes back when that has been tried once. */
  async begin(): Promise<void> {
    this.#looking = true;
    const done = await this.#attempt();
    this.#looking = false;
    if (this.#wanted) void this.#run(done ? 0 : this.#againMs);
  }

  async #run(pauseMs = 0): Promise<void> {
    this.#looking = true;
    if (pauseMs > 0) await sleep(pauseMs, this.#stopping);
    while (this.#wanted && !this.#stopping.aborted) {
      this.#wanted = false;
      if (!(await this.#attempt())) await sleep(this.#againMs, this.#stopping);
    }
    this.#looking = false;
  }

  /** One look; false when it failed and has to be tried again. */
  async #attempt(): Promise<boolean> {
    try {
      await this.#look();
      return true;
    } catch (error) {
      this.#onProblem(error);
      this.#wanted = true;
      return false;
    }
  }
}
