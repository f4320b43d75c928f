import { createHmac } from 'node:crypto';
import { connect } from 'node:net';
import { monotonicMs, now, sleep } from '../kernel/clock.ts';
import { newUuid } from '../kernel/ids.ts';
import { type AppLink, type Delivered, type Outgoing, withRetries } from './appLink.ts';
import type { Faults } from './faults.ts';
import type { Journal } from './journal.ts';
import type { WorkspaceLimits } from './limits.ts';

const PROBE_MS = 300;
/** How long after the deadline an answer is still awaited, to record how late it was. */
const LATE_MS = 30_000;

/** HTTP mode: payloads are POSTed to the app's request URL, signed with its signing secret. */
export class RequestUrlLink implements AppLink {
  readonly #listeners = new Set<(connected: boolean) => void>();
  readonly #closing = new AbortController();
  readonly #url: URL;
  readonly #secret: string;
  readonly #journal: Journal;
  readonly #faults: Faults;
  readonly #limits: Required<WorkspaceLimits>;
  #reached = false;

  constructor(url: string, secret: string, journal: Journal, faults: Faults, limits: Required<WorkspaceLimits>) {
    this.#url = new URL(url);
    this.#secret = secret;
    this.#journal = journal;
    this.#faults = faults;
    this.#limits = limits;
  }

  /** Whether something listens at the request URL. */
  async connected(): Promise<boolean> {
    const port = Number(this.#url.port === '' ? 80 : this.#url.port);
    const reached = await new Promise<boolean>((resolve) => {
      const socket = connect({ host: this.#url.hostname, port, timeout: PROBE_MS });
      const done = (answer: boolean): void => {
        socket.destroy();
        resolve(answer);
      };
      socket.once('connect', () => done(true));
      socket.once('timeout', () => done(false));
      socket.once('error', () => done(false));
    });
    this.#note(reached);
    return reached;
  }

  onConnected(listener: (connected: boolean) => void): void {
    this.#listeners.add(listener);
  }

  async deliver(outgoing: Outgoing): Promise<Delivered> {
    if (outgoing.kind !== 'events_api') {
      const id = newUuid();
      if (this.#faults.takeDuplicate()) void this.#post(outgoing, id, 0, true);
      return await this.#post(outgoing, id, 0, false);
    }
    return await withRetries(
      this.#limits.eventRetryMs,
      (attempt) => this.#post(outgoing, newUuid(), attempt, false),
      async (ms) => {
        await sleep(ms, this.#closing.signal);
        return !this.#closing.signal.aborted;
      },
    );
  }

  close(): void {
    this.#closing.abort();
  }

  #note(reached: boolean): void {
    if (reached === this.#reached) return;
    this.#reached = reached;
    for (const listener of this.#listeners) listener(reached);
  }

  async #post(outgoing: Outgoing, id: string, attempt: number, duplicate: boolean): Promise<Delivered> {
    if (this.#faults.isDown) return { ok: false, reason: 'no_connection' };
    const { body, contentType } = encode(outgoing);
    this.#journal.recordEnvelope(
      {
        id,
        kind: outgoing.kind,
        type: outgoing.type,
        attempt,
        duplicate,
        connection: this.#url.href,
        at: now().getTime(),
        payload: outgoing.payload,
      },
      body.length,
    );
    const sentAt = monotonicMs();
    const waiting = new AbortController();
    const inTime = this.#fetch(body, contentType, attempt).then((answer) => {
      waiting.abort();
      return this.#settle(outgoing, id, sentAt, answer);
    });
    const deadline = sleep(this.#limits.ackMs, waiting.signal).then((): Delivered | Promise<Delivered> => {
      if (waiting.signal.aborted) return inTime;
      if (!this.#closing.signal.aborted) this.#sayLate(outgoing);
      return { ok: false, reason: 'timeout' };
    });
    return await Promise.race([inTime, deadline]);
  }

  #sayLate({ kind, type }: Outgoing): void {
    this.#journal.recordViolation('late_ack', `${kind} ${type} was not acknowledged within ${this.#limits.ackMs} ms`);
  }

  async #fetch(body: string, contentType: string, attempt: number): Promise<Response | undefined> {
    const timestamp = String(Math.floor(now().getTime() / 1000));
    const digest = createHmac('sha256', this.#secret).update(`v0:${timestamp}:${body}`).digest('hex');
    try {
      return await fetch(this.#url, {
        method: 'POST',
        body,
        redirect: 'error',
        signal: AbortSignal.any([this.#closing.signal, AbortSignal.timeout(this.#limits.ackMs + LATE_MS)]),
        headers: {
          'content-type': contentType,
          'user-agent': 'Slackbot 1.0 (+https://api.slack.com/robots)',
          'x-slack-request-timestamp': timestamp,
          'x-slack-signature': `v0=${digest}`,
          ...(attempt > 0 ? { 'x-slack-retry-num': String(attempt), 'x-slack-retry-reason': 'http_timeout' } : {}),
        },
      });
    } catch {
      return undefined;
    }
  }

  async #settle(outgoing: Outgoing, id: string, sentAt: number, answer: Response | undefined): Promise<Delivered> {
    const { kind, type } = outgoing;
    const text = await answer?.text().catch(() => undefined);
    const ms = monotonicMs() - sentAt;
    this.#note(answer !== undefined);
    const late = ms > this.#limits.ackMs;
    if (answer === undefined || text === undefined) {
      this.#journal.recordAck({ id, kind, type, ms: undefined, outcome: 'cut' });
      return { ok: false, reason: 'no_connection' };
    }
    this.#journal.recordAck({ id, kind, type, ms, outcome: answer.ok ? (late ? 'late' : 'ok') : 'http_error' });
    return answer.ok ? { ok: true, body: decode(text) } : { ok: false, reason: 'http_error' };
  }
}

function encode(outgoing: Outgoing): { readonly body: string; readonly contentType: string } {
  if (outgoing.kind === 'events_api') {
    return { body: JSON.stringify(outgoing.payload), contentType: 'application/json' };
  }
  const form =
    outgoing.kind === 'slash_commands'
      ? Object.entries(outgoing.payload).map(([key, value]): [string, string] => [key, String(value)])
      : [['payload', JSON.stringify(outgoing.payload)] satisfies [string, string]];
  return { body: new URLSearchParams(form).toString(), contentType: 'application/x-www-form-urlencoded' };
}

function decode(text: string): unknown {
  if (text === '') return {};
  try {
    return JSON.parse(text);
  } catch {
    return { text };
  }
}
