import { sleep } from '../../../kernel/clock.ts';
import type { AnnounceStore } from '../../../operations/announce.ts';
import type { Logger } from '../../log/logger.ts';
import type { Clients } from '../clients.ts';
import { Cards } from './cards.ts';
import { shareLogFile } from './log-files.ts';
import { Logs } from './logs.ts';
import { type NoticeOptions, tellNotices } from './notices.ts';
import { ChannelPace, type SendContext } from './sender.ts';

/** Longest time between two rounds when nothing wakes the announcer, in milliseconds. */
const IDLE_MS = 500;

export interface AnnouncerOptions extends NoticeOptions {
  readonly clients: Clients;
  readonly store: AnnounceStore;
  readonly log: Logger;
  readonly holder: string;
  /** Messages a second that a channel takes. */
  readonly messagesPerSecond: number;
  /** Calls back on every change of a row that somebody may want to see; answers how to stop that. */
  readonly onChange: (wake: () => void) => () => void;
}

/** Shows in Slack what the rows say, until the signal aborts. Cards never wait for logs. */
export async function announce(options: AnnouncerOptions, signal: AbortSignal): Promise<void> {
  const epoch = await options.store.takeOver(options.holder);
  options.log.info({ epoch }, 'this process announces');
  const pace = new ChannelPace(options.messagesPerSecond);
  const common = { store: options.store, pace, log: options.log, epoch, signal };
  const cards = new Cards();
  const logs = new Logs();
  const forLogs = { ...common, client: options.clients.log };
  await Promise.all([
    loop(options, signal, () => cards.round({ ...common, client: options.clients.control })),
    loop(options, signal, async () => {
      await logs.round(forLogs);
      await finishLogs(forLogs);
    }),
    loop(options, signal, () => tellNotices({ ...common, client: options.clients.control }, options)),
  ]);
}

async function finishLogs(context: SendContext): Promise<void> {
  const { store, epoch } = context;
  for (const finished of await store.finishedLogs()) {
    if (finished.jobs.length > 0) {
      await store.addPost(epoch, {
        key: `file:${finished.operation}`,
        operation: finished.operation,
        kind: 'file',
        channel: finished.channel,
        body: {},
      });
      const post = (await store.unsentPosts(['file'])).find((one) => one.operation === finished.operation);
      if (post && !(await shareLogFile(context, finished, post))) continue;
    }
    await store.logDone(epoch, finished.operation);
  }
}

async function loop(options: AnnouncerOptions, signal: AbortSignal, round: () => Promise<unknown>): Promise<void> {
  let wake: () => void = () => undefined;
  let woken = false;
  const stopListening = options.onChange(() => {
    woken = true;
    wake();
  });
  try {
    while (!signal.aborted) {
      woken = false;
      try {
        await round();
      } catch (error) {
        if (!signal.aborted)
          options.log.warn({ error: String(error) }, 'a round of announcing failed; the next one goes on');
        await sleep(250, signal);
      }
      if (woken || signal.aborted) continue;
      const rest = new AbortController();
      wake = () => rest.abort();
      await sleep(IDLE_MS, AbortSignal.any([rest.signal, signal]));
    }
  } finally {
    stopListening();
  }
}
