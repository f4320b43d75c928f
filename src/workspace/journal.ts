import { now } from '../kernel/clock.ts';
import { Ring } from './ring.ts';

export type PayloadKind = 'slash_commands' | 'interactive' | 'events_api';

/** One Web API call, upload or use of a response URL. Tokens are never kept. */
export interface ApiCall {
  readonly method: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly ok: boolean;
  readonly error?: string;
  /** The status of the answer; 0 when the connection was cut instead. */
  readonly status: number;
  readonly response: Readonly<Record<string, unknown>>;
  /** True when the answer was spoilt by `faults`. */
  readonly fault: boolean;
  /** Wall-clock milliseconds at arrival. */
  readonly at: number;
  /** Milliseconds from arrival to answer. */
  readonly ms: number;
}

/** One payload on its way to the app. */
export interface EnvelopeRecord {
  readonly id: string;
  readonly kind: PayloadKind;
  readonly type: string;
  readonly attempt: number;
  readonly duplicate: boolean;
  readonly connection: string;
  readonly at: number;
  readonly payload: unknown;
}

/** How the app answered a payload. `ms` is undefined when it never did. */
export interface AckRecord {
  readonly id: string;
  readonly kind: PayloadKind;
  readonly type: string;
  readonly ms: number | undefined;
  readonly outcome: 'ok' | 'late' | 'missing' | 'cut' | 'http_error';
  readonly at: number;
}

/** Something real Slack would not forgive: a test's teardown asserts that there is none. */
export interface Violation {
  readonly what: 'unknown_method' | 'late_ack' | 'bad_ack';
  readonly detail: string;
  readonly at: number;
}

export interface RateLimited {
  readonly method: string;
  readonly key: string;
  readonly retryAfterSec: number;
  readonly at: number;
}

const MAX_ENTRIES = 200_000;
const MAX_CHARACTERS = 64 * 1024 * 1024;

/** Everything that went over the wire, in order, the newest 200,000 entries or 64 million characters of each sort. */
export class Journal {
  readonly #calls = new Ring<ApiCall>(MAX_ENTRIES, MAX_CHARACTERS);
  readonly #envelopes = new Ring<EnvelopeRecord>(MAX_ENTRIES, MAX_CHARACTERS);
  readonly #acks = new Ring<AckRecord>(MAX_ENTRIES);
  readonly #violations = new Ring<Violation>(MAX_ENTRIES);
  readonly #limited = new Ring<RateLimited>(MAX_ENTRIES);

  /** All calls, oldest first, or those of one method ("chat.postMessage", "response_url", "upload"). */
  calls(method?: string): ApiCall[] {
    const calls = this.#calls.all();
    return method === undefined ? calls : calls.filter((call) => call.method === method);
  }

  get envelopes(): EnvelopeRecord[] {
    return this.#envelopes.all();
  }

  get acks(): AckRecord[] {
    return this.#acks.all();
  }

  get violations(): Violation[] {
    return this.#violations.all();
  }

  get limited(): RateLimited[] {
    return this.#limited.all();
  }

  /** Forgets everything so far, for example after the preparation of a test. */
  clear(): void {
    for (const ring of [this.#calls, this.#envelopes, this.#acks, this.#violations, this.#limited]) ring.clear();
  }

  recordCall(call: ApiCall, characters: number): void {
    this.#calls.push(call, characters);
  }

  recordEnvelope(envelope: EnvelopeRecord, characters: number): void {
    this.#envelopes.push(envelope, characters);
  }

  recordAck(ack: Omit<AckRecord, 'at'>): void {
    this.#acks.push({ ...ack, at: now().getTime() });
  }

  recordViolation(what: Violation['what'], detail: string): void {
    this.#violations.push({ what, detail, at: now().getTime() });
  }

  recordLimited(method: string, key: string, retryAfterSec: number): void {
    this.#limited.push({ method, key, retryAfterSec, at: now().getTime() });
  }
}
