/** One way in which Slack misbehaves, for the next `times` calls of `method` ("*" = any). */
export interface Fault {
  readonly method: string;
  /** Answers 200 `{ ok: false, error }`. */
  readonly error?: string;
  /** Answers this status with an empty body. */
  readonly httpStatus?: number;
  /** Answers 429 with this Retry-After. */
  readonly retryAfterSec?: number;
  /** Cuts the connection instead of answering. */
  readonly dropConnection?: boolean;
  /** Does the work first and spoils the answer after: the case that makes doubles. */
  readonly afterEffect?: boolean;
  readonly times: number;
}

/** The switches with which a test makes Slack misbehave. */
export class Faults {
  #armed: { readonly fault: Fault; left: number }[] = [];
  #down = false;
  #duplicates = 0;
  readonly #onDown: () => void;

  constructor(onDown: () => void) {
    this.#onDown = onDown;
  }

  add(fault: Fault): void {
    this.#armed.push({ fault, left: fault.times });
  }

  /** Disarms every fault and brings Slack back. */
  clear(): void {
    this.#armed = [];
    this.#duplicates = 0;
    this.#down = false;
  }

  /** Slack is gone: requests of the app are reset, its sockets are cut. People keep seeing what is there. */
  down(): void {
    this.#down = true;
    this.#onDown();
  }

  up(): void {
    this.#down = false;
  }

  get isDown(): boolean {
    return this.#down;
  }

  /** The next `n` payloads are delivered twice, with the same envelope id. */
  duplicateEnvelopes(n: number): void {
    this.#duplicates = n;
  }

  /** Used by the server: the fault for this call, counted down. */
  take(method: string): Fault | undefined {
    const armed = this.#armed.find(
      (candidate) => candidate.left > 0 && (candidate.fault.method === '*' || candidate.fault.method === method),
    );
    if (armed === undefined) return undefined;
    armed.left -= 1;
    if (armed.left === 0) this.#armed = this.#armed.filter((other) => other !== armed);
    return armed.fault;
  }

  /** Used by the server: whether this payload is to be delivered twice. */
  takeDuplicate(): boolean {
    if (this.#duplicates <= 0) return false;
    this.#duplicates -= 1;
    return true;
  }
}
