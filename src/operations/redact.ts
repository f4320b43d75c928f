/** Shortest secret that is looked for; a shorter one would blank out ordinary text. */
const SHORTEST = 4;
const STAR = 0x2a;

/**
 * Blanks known secrets in a stream of bytes, also across chunk borders. Every byte of a secret becomes one asterisk,
 * so that offsets stay those of the remote file. A tail that may be the beginning of a secret is held back until more
 * comes; whoever crashes meanwhile reads those bytes again, because they were not stored.
 */
export class Redactor {
  readonly #secrets: readonly Uint8Array[];
  #held: Uint8Array = new Uint8Array(0);

  constructor(secrets: readonly string[]) {
    const encoder = new TextEncoder();
    // The longest first: one that begins with another must not leave its end behind.
    this.#secrets = secrets
      .filter((secret) => secret.length >= SHORTEST)
      .map((secret) => encoder.encode(secret))
      .sort((left, right) => right.length - left.length);
  }

  /** The bytes that are safe to store now. */
  push(bytes: Uint8Array): Uint8Array {
    if (this.#secrets.length === 0) return bytes;
    const joined = Buffer.concat([this.#held, bytes]);
    this.#blank(joined);
    const keep = this.#openTail(joined);
    this.#held = joined.subarray(joined.length - keep);
    return joined.subarray(0, joined.length - keep);
  }

  /** What was held back; call it when the stream has ended. */
  flush(): Uint8Array {
    const rest = this.#held;
    this.#held = new Uint8Array(0);
    return rest;
  }

  #blank(buffer: Buffer): void {
    for (const secret of this.#secrets) {
      for (let at = buffer.indexOf(secret); at >= 0; at = buffer.indexOf(secret, at + secret.length)) {
        buffer.fill(STAR, at, at + secret.length);
      }
    }
  }

  /** Length of the longest tail that is the beginning of a secret. */
  #openTail(buffer: Buffer): number {
    let longest = 0;
    for (const secret of this.#secrets) {
      for (let length = Math.min(secret.length - 1, buffer.length); length > longest; length -= 1) {
        if (buffer.subarray(buffer.length - length).equals(secret.subarray(0, length))) longest = length;
      }
    }
    return longest;
  }
}
