import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { z } from 'zod';
import type { AnnounceStore, Post } from '../../../operations/announce.ts';
import { failureOf } from '../failure.ts';
import { type SendContext, threadGone } from './sender.ts';
import { uploadFile } from './upload.ts';

/** A longer log is compressed before it is uploaded. */
const PLAIN_BYTES = 1_000_000;
const READ_BYTES = 256_000;
/** Slack's limit for a file is 1 GB. */
const MOST_BYTES = 900_000_000;

const thread = z.object({
  messages: z.array(z.object({ files: z.array(z.object({ id: z.string() })).optional() })).default([]),
});

type Finished = Awaited<ReturnType<AnnounceStore['finishedLogs']>>[number];

async function* wholeLog(store: AnnounceStore, finished: Finished): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  for (const job of finished.jobs) {
    yield encoder.encode(`──── step ${job.n}: ${job.title} (${job.jid}, ${job.bytes} bytes) ────\n`);
    for (let at = 0; at < job.bytes; ) {
      const bytes = await store.readOutput(job.jid, at, READ_BYTES);
      if (bytes.length === 0) break;
      at += bytes.length;
      yield bytes;
    }
    yield encoder.encode('\n');
  }
}

/**
 * Puts the whole log of an ended operation into its thread as a file. Uploading shows nothing to anybody, so only the
 * sharing has to happen once: its file id is recorded first, and Slack is asked whether that file is shared already.
 */
export async function shareLogFile(context: SendContext, finished: Finished, post: Post): Promise<boolean> {
  const { store, epoch, client } = context;
  try {
    let file = post.body.file;
    if (file === undefined) {
      file = await upload(context, finished);
      await store.setFile(epoch, post.id, file);
    } else if (await isShared(context, post, file)) {
      await store.sent(epoch, post, file, null);
      return true;
    }
    if (!(await context.pace.of(post.channel).take(context.signal))) return false;
    // After the wait: refused when another process announces by now.
    await store.beginSending(epoch, post.id);
    await client.files.completeUploadExternal({
      files: [{ id: file, title: `Whole log of operation ${finished.operation}` }],
      channel_id: post.channel,
      ...(post.threadTs === null ? {} : { thread_ts: post.threadTs }),
      initial_comment: 'The whole log, every byte of it.',
    });
    await store.sent(epoch, post, file, null);
    return true;
  } catch (error) {
    const failure = failureOf(error);
    if (failure.kind === 'limited') context.pace.of(post.channel).pause(failure.seconds);
    const gone = failure.kind === 'refused' && (await threadGone(context, post, failure.error));
    const final = failure.kind === 'refused' && failure.error !== 'file_not_found' && !gone;
    context.log.warn({ operation: finished.operation, failure }, 'the log file could not be shared');
    await store.notSent(epoch, post.id, JSON.stringify(failure), final);
    return final;
  }
}

async function upload(context: SendContext, finished: Finished): Promise<string> {
  const total = finished.jobs.reduce((sum, job) => sum + job.bytes, 0);
  const zipped = total > PLAIN_BYTES;
  const folder = await mkdtemp(join(tmpdir(), 'twokey-log-'));
  try {
    const path = join(folder, 'log');
    const source = Readable.from(wholeLog(context.store, finished));
    await (zipped
      ? pipeline(source, createGzip(), createWriteStream(path))
      : pipeline(source, createWriteStream(path)));
    const { size } = await stat(path);
    if (size > MOST_BYTES) throw new Error('the log is larger than Slack takes');
    const file = {
      name: `twokey-${finished.operation}.log${zipped ? '.gz' : ''}`,
      size,
      body: Readable.toWeb(createReadStream(path)),
    };
    return await uploadFile(context.client, file, context.signal);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Whether the thread shows the file already; asked of the thread, so that no right to read all files is needed. */
async function isShared(context: SendContext, post: Post, file: string): Promise<boolean> {
  if (post.threadTs === null) return false;
  let cursor: string | undefined;
  do {
    const answer = await context.client.conversations.replies({
      channel: post.channel,
      ts: post.threadTs,
      oldest: String(post.createdAt.getTime() / 1000 - 60),
      limit: 200,
      ...(cursor ? { cursor } : {}),
    });
    if (thread.parse(answer).messages.some((message) => message.files?.some((one) => one.id === file))) return true;
    cursor = answer.response_metadata?.next_cursor || undefined;
  } while (cursor);
  return false;
}
