import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import { z } from 'zod';
import { monotonicMs, now, sleep } from '../kernel/clock.ts';
import { jitter, newUuid } from '../kernel/ids.ts';
import { type AppLink, type Delivered, type Outgoing, withRetries } from './appLink.ts';
import type { Faults } from './faults.ts';
import type { Journal } from './journal.ts';
import type { WorkspaceLimits } from './limits.ts';
import { APP_ID } from './model.ts';

export type DisconnectReason = 'warning' | 'refresh_requested' | 'link_disabled';

interface Connection {
  readonly id: string;
  readonly ws: WebSocket;
  draining: boolean;
}

interface Pending {
  readonly outgoing: Outgoing;
  readonly sentAt: number;
  readonly connections: Connection[];
  settle(delivered: Delivered): void;
  late: boolean;
  timer: NodeJS.Timeout;
}

const MAX_CONNECTIONS = 10;
const PING_MS = 10_000;
/** How long after the deadline an acknowledgement is still awaited, to record how late it was. */
const LATE_MS = 30_000;
const DRAIN_MS: Readonly<Record<DisconnectReason, number>> = {
  warning: 10_000,
  refresh_requested: 1000,
  link_disabled: 0,
};

const ackSchema = z.looseObject({ envelope_id: z.string(), payload: z.unknown().optional() });

/** Socket Mode: every payload goes to one connection of those that are open, chosen at random. */
export class SocketLink implements AppLink {
  readonly #server = new WebSocketServer({ noServer: true });
  readonly #connections = new Map<string, Connection>();
  readonly #pending = new Map<string, Pending>();
  readonly #tickets = new Set<string>();
  readonly #listeners = new Set<(connected: boolean) => void>();
  readonly #closing = new AbortController();
  readonly #journal: Journal;
  readonly #faults: Faults;
  readonly #limits: Required<WorkspaceLimits>;

  constructor(journal: Journal, faults: Faults, limits: Required<WorkspaceLimits>) {
    this.#journal = journal;
    this.#faults = faults;
    this.#limits = limits;
  }

  /** A ticket for one WebSocket, the answer to apps.connections.open. */
  ticket(): string {
    const ticket = newUuid();
    this.#tickets.add(ticket);
    return ticket;
  }

  /** Takes the upgrade request of an app that holds a ticket. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, ticket: string): void {
    if (this.#faults.isDown || !this.#tickets.delete(ticket)) {
      socket.destroy();
      return;
    }
    this.#server.handleUpgrade(request, socket, head, (ws) => this.#accept(ws));
  }

  async connected(): Promise<boolean> {
    return this.#open().length > 0;
  }

  /** How many connections take payloads now. */
  get size(): number {
    return this.#open().length;
  }

  onConnected(listener: (connected: boolean) => void): void {
    this.#listeners.add(listener);
  }

  deliver(outgoing: Outgoing): Promise<Delivered> {
    if (outgoing.kind !== 'events_api') return this.#send(outgoing, newUuid(), 0);
    return withRetries(
      this.#limits.eventRetryMs,
      (attempt) => this.#send(outgoing, newUuid(), attempt),
      async (ms) => {
        await sleep(ms, this.#closing.signal);
        return !this.#closing.signal.aborted;
      },
    );
  }

  /** Tells every connection to go and come back, as Slack does every few hours. */
  disconnectAll(reason: DisconnectReason): void {
    for (const connection of this.#open()) {
      connection.draining = true;
      connection.ws.send(JSON.stringify({ type: 'disconnect', reason, debug_info: { host: 'local' } }));
      const timer = setTimeout(() => connection.ws.terminate(), DRAIN_MS[reason]);
      connection.ws.once('close', () => clearTimeout(timer));
    }
    this.#announce();
  }

  /** Cuts every connection without a word. */
  cut(): void {
    for (const connection of this.#connections.values()) connection.ws.terminate();
  }

  close(): void {
    this.#closing.abort();
    for (const pending of this.#pending.values()) {
      clearTimeout(pending.timer);
      pending.settle({ ok: false, reason: 'no_connection' });
    }
    this.#pending.clear();
    this.cut();
    this.#server.close();
  }

  #open(): Connection[] {
    return [...this.#connections.values()].filter((one) => !one.draining && one.ws.readyState === one.ws.OPEN);
  }

  #announce(): void {
    const connected = this.#open().length > 0;
    for (const listener of this.#listeners) listener(connected);
  }

  #accept(ws: WebSocket): void {
    if (this.#open().length >= MAX_CONNECTIONS) {
      ws.send(JSON.stringify({ type: 'disconnect', reason: 'too_many_websockets' }));
      ws.close();
      return;
    }
    const connection: Connection = { id: newUuid(), ws, draining: false };
    this.#connections.set(connection.id, connection);
    const pings = setInterval(() => ws.ping(), PING_MS);
    ws.on('close', () => {
      clearInterval(pings);
      this.#connections.delete(connection.id);
      this.#announce();
    });
    ws.on('error', () => ws.terminate());
    ws.on('message', (data) => this.#receive(Buffer.isBuffer(data) ? data.toString('utf8') : ''));
    ws.send(
      JSON.stringify({
        type: 'hello',
        num_connections: this.#open().length,
        connection_info: { app_id: APP_ID },
        debug_info: { host: 'local', approximate_connection_time: 18_060 },
      }),
    );
    this.#announce();
  }

  #send(outgoing: Outgoing, id: string, attempt: number): Promise<Delivered> {
    const open = this.#open();
    const first = open[jitter(open.length)];
    if (first === undefined || this.#faults.isDown) return Promise.resolve({ ok: false, reason: 'no_connection' });
    const targets = this.#faults.takeDuplicate() ? [first, open[jitter(open.length)] ?? first] : [first];
    const envelope = JSON.stringify({
      envelope_id: id,
      type: outgoing.kind,
      payload: outgoing.payload,
      accepts_response_payload: outgoing.kind !== 'events_api',
      ...(outgoing.kind === 'events_api'
        ? { retry_attempt: attempt, retry_reason: attempt === 0 ? '' : 'timeout' }
        : {}),
    });
    return new Promise((resolve) => {
      const pending: Pending = {
        outgoing,
        sentAt: monotonicMs(),
        connections: targets,
        settle: resolve,
        late: false,
        timer: setTimeout(() => this.#deadline(id), this.#limits.ackMs),
      };
      this.#pending.set(id, pending);
      targets.forEach((connection, index) => {
        this.#journal.recordEnvelope(
          {
            id,
            kind: outgoing.kind,
            type: outgoing.type,
            attempt,
            duplicate: index > 0,
            connection: connection.id,
            at: now().getTime(),
            payload: outgoing.payload,
          },
          envelope.length,
        );
        connection.ws.send(envelope);
      });
    });
  }

  #receive(text: string): void {
    let parsed: z.infer<typeof ackSchema>;
    try {
      parsed = ackSchema.parse(JSON.parse(text));
    } catch {
      this.#journal.recordViolation('bad_ack', `not an acknowledgement: ${text.slice(0, 200)}`);
      return;
    }
    const pending = this.#pending.get(parsed.envelope_id);
    if (pending === undefined) return;
    this.#pending.delete(parsed.envelope_id);
    clearTimeout(pending.timer);
    this.#journal.recordAck({
      id: parsed.envelope_id,
      kind: pending.outgoing.kind,
      type: pending.outgoing.type,
      ms: monotonicMs() - pending.sentAt,
      outcome: pending.late ? 'late' : 'ok',
    });
    pending.settle({ ok: true, body: parsed.payload });
  }

  /** The app did not answer in time. Where its connection went away too, that is a crash and no sin. */
  #deadline(id: string): void {
    const pending = this.#pending.get(id);
    if (pending === undefined) return;
    const { kind, type } = pending.outgoing;
    if (!pending.late) pending.settle({ ok: false, reason: 'timeout' });
    const cut = !pending.connections.some((connection) => connection.ws.readyState === connection.ws.OPEN);
    if (cut || pending.late) {
      this.#pending.delete(id);
      this.#journal.recordAck({ id, kind, type, ms: undefined, outcome: cut ? 'cut' : 'missing' });
      return;
    }
    pending.late = true;
    this.#journal.recordViolation('late_ack', `${kind} ${type} was not acknowledged within ${this.#limits.ackMs} ms`);
    pending.timer = setTimeout(() => this.#deadline(id), LATE_MS);
  }
}
