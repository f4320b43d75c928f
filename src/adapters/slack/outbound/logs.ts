import { monotonicMs } from '../../../kernel/clock.ts';
import type { LogWork } from '../../../operations/announce.ts';
import { renderPost, SEGMENT_CHARS, segmentLength } from '../render/log.ts';
import { visible } from '../render/mrkdwn.ts';
import { type SendContext, sendPost } from './sender.ts';

/** While a command prints, its lines are collected this long before they become a message, in milliseconds. */
const GATHER_MS = 1_500;
/** More unposted output than this, and the middle is skipped: Slack takes about 3 kB a second. */
const FLOOD_BYTES = 40_000;
/** How much of the end is shown after a skip. */
const KEEP_BYTES = 3_000;
/** A character of UTF-8 has at most four bytes. */
const READ_BYTES = SEGMENT_CHARS * 4;

/** Turns stored output into messages of the operation's thread: in order, each byte once, floods skipped aloud. */
export class Logs {
  readonly #lastCut = new Map<string, number>();

  /** One round: cuts what is due, sends what is cut. */
  async round(context: SendContext): Promise<void> {
    const seen = new Set<string>();
    for (const work of await context.store.logWork()) {
      // Jobs come in order; a later one waits until the earlier one's output is taken care of.
      if (seen.has(work.operation)) continue;
      seen.add(work.operation);
      if (work.waiting === 0) await this.#cut(context, work);
    }
    for (const operation of this.#lastCut.keys()) if (!seen.has(operation)) this.#lastCut.delete(operation);
    await this.#send(context);
  }

  async #cut(context: SendContext, work: LogWork): Promise<void> {
    const { store, epoch } = context;
    const backlog = work.stored - work.posted;
    if (backlog > FLOOD_BYTES) {
      const target = await store.skipTo(work.jid, work.posted, work.stored - KEEP_BYTES);
      if (target.start > work.posted) {
        const text = `${target.lines} lines (${target.start - work.posted} bytes) of step ${work.n} are skipped here; all of them are in the log file.`;
        await store.postSegment(epoch, work, target.start, {
          ...this.#draft(work, 'note'),
          body: { text, jid: work.jid, start: work.posted, length: target.start - work.posted },
        });
        return;
      }
    }
    const last = this.#lastCut.get(work.operation);
    const early = last !== undefined && monotonicMs() - last < GATHER_MS;
    if (early && !work.stepEnded && backlog < SEGMENT_CHARS) return;
    const bytes = await store.readOutput(work.jid, work.posted, Math.min(READ_BYTES, backlog));
    const length = segmentLength(bytes, work.stepEnded && bytes.length === backlog);
    if (length === 0) return;
    this.#lastCut.set(work.operation, monotonicMs());
    await store.postSegment(epoch, work, work.posted + length, {
      ...this.#draft(work, 'log'),
      body: {
        ...(work.posted === 0 ? { heading: `Step ${work.n} · ${work.title}` } : {}),
        // The row is JSON, which in PostgreSQL cannot hold a NUL.
        text: visible(new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes.subarray(0, length))),
        jid: work.jid,
        start: work.posted,
        length,
      },
    });
  }

  #draft(work: LogWork, kind: 'log' | 'note') {
    return { key: `log:${work.jid}:${work.posted}`, operation: work.operation, kind, channel: work.channel };
  }

  async #send(context: SendContext): Promise<void> {
    const blocked = new Set<string | null>();
    for (const post of await context.store.unsentPosts(['log', 'note'])) {
      if (context.signal.aborted) return;
      if (blocked.has(post.operation) || post.threadTs === null) continue;
      // A thread's messages go out in order: what follows an unsent one waits.
      if (!(await sendPost(context, post, renderPost(post), null))) blocked.add(post.operation);
    }
  }
}
