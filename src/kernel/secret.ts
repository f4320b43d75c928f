import { inspect } from 'node:util';

const SHOWN = '[secret]';

/**
 * A value that must never be printed. String conversion, JSON and util.inspect all give `[secret]`;
 * only `reveal()` gives the text, so that every place that uses it can be found by that word.
 */
export class Secret {
  readonly #value: string;

  constructor(value: string) {
    this.#value = value;
  }

  reveal(): string {
    return this.#value;
  }

  toString(): string {
    return SHOWN;
  }

  toJSON(): string {
    return SHOWN;
  }

  [inspect.custom](): string {
    return SHOWN;
  }
}
