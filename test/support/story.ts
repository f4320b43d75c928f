import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { UiMessage } from '../../src/workspace/protocol.ts';
import { type Lab, shown } from './lab.ts';
import { until } from './until.ts';

const replies = z.object({
  ok: z.literal(true),
  messages: z.array(
    z.object({
      ts: z.string(),
      text: z.string().default(''),
      metadata: z.object({ event_payload: z.record(z.string(), z.union([z.string(), z.number()])) }).optional(),
      blocks: z.array(z.looseObject({ type: z.string() })).default([]),
      files: z.array(z.object({ id: z.string(), name: z.string() })).default([]),
    }),
  ),
});
const preformatted = z.object({
  elements: z.array(z.object({ elements: z.array(z.object({ text: z.string() })) })),
});

/** A message of an operation's thread, with the place in a job's output that it says it shows. */
export interface Reply {
  readonly ts: string;
  readonly text: string;
  readonly key: string;
  readonly jid: string | null;
  readonly start: number;
  readonly length: number;
  /** The output it shows, or null for a remark or a file. */
  readonly output: string | null;
  readonly files: readonly { readonly id: string; readonly name: string }[];
}

/** The thread of an operation's card, metadata included, as the app itself can read it. */
export async function threadOf(lab: Lab, operation: string): Promise<Reply[]> {
  const card = await lab.card(operation);
  const query = new URLSearchParams({
    channel: card.channel,
    ts: card.ts,
    limit: '1000',
    include_all_metadata: 'true',
  });
  const answer = await fetch(`${lab.env.SLACK_API_URL}conversations.replies`, {
    method: 'POST',
    headers: { authorization: `Bearer ${lab.env.SLACK_BOT_TOKEN}` },
    body: query,
  });
  const { messages } = replies.parse(await answer.json());
  return messages.slice(1).map((message) => {
    const place = message.metadata?.event_payload ?? {};
    const rich = message.blocks.find((block) => block.type === 'rich_text');
    const parsed = rich === undefined ? null : preformatted.parse(rich);
    return {
      ts: message.ts,
      text: message.text,
      key: String(place.key ?? ''),
      jid: place.jid === undefined ? null : String(place.jid),
      start: Number(place.start ?? 0),
      length: Number(place.length ?? 0),
      output: parsed === null ? null : parsed.elements.flatMap((one) => one.elements.map((two) => two.text)).join(''),
      files: message.files,
    };
  });
}

/** Waits until the whole log hangs in the thread as a file: the last thing that happens to an operation. */
export async function untilLogged(lab: Lab, operation: string, withinMs = 30_000): Promise<Reply[]> {
  const card = await lab.card(operation);
  await until(
    `the log file of ${operation}`,
    () => lab.operator.thread(card.channel, card.ts).some((reply) => reply.files.length > 0),
    withinMs,
  );
  return threadOf(lab, operation);
}

/**
 * The output of a job as its thread shows it, put together by the places the messages name. Throws at a gap, an overlap,
 * or a message out of order, so that "byte for byte, in order, once" is one comparison. Skipped spans are left as zeros.
 */
export function shownOutput(thread: readonly Reply[], jid: string): Buffer {
  const pieces: Buffer[] = [];
  let at = 0;
  for (const reply of thread.filter((one) => one.jid === jid)) {
    if (reply.start !== at) throw new Error(`a message of ${jid} shows byte ${reply.start} where ${at} is next`);
    if (reply.output === null) pieces.push(Buffer.alloc(reply.length));
    else {
      // The line feed at a segment's end is the message's own end, and an empty text is shown as a space.
      const bytes = Buffer.from(reply.output);
      const whole = bytes.length === reply.length ? bytes : Buffer.concat([bytes, Buffer.from('\n')]);
      if (whole.length !== reply.length) throw new Error(`a message of ${jid} at ${at} is not ${reply.length} bytes`);
      pieces.push(whole);
    }
    at += reply.length;
  }
  return Buffer.concat(pieces);
}

/** What the journal holds of a job. */
export async function journalOf(lab: Lab, jid: string): Promise<Buffer> {
  const rows = await lab.rows<{ start: number; bytes: Buffer }>(
    'select start, bytes from twokey.chunk where jid = $1 order by start',
    [jid],
  );
  let at = 0;
  for (const row of rows) {
    if (Number(row.start) !== at) throw new Error(`the journal of ${jid} has byte ${row.start} where ${at} is next`);
    at += row.bytes.length;
  }
  return Buffer.concat(rows.map((row) => row.bytes));
}

/** What the job printed, as it lies on the host. */
export function printed(lab: Lab, jid: string): Promise<Buffer> {
  return readFile(join(lab.sshd.target.base, jid, 'out'));
}

/** The job directories of an operation on the host, sorted. */
export async function jobsOf(lab: Lab, operation: string): Promise<string[]> {
  return (await readdir(lab.sshd.target.base)).filter((name) => name.startsWith(`${operation}-`)).sort();
}

/** The five jobs of a backup that went through at the first try. */
export function fiveJobs(operation: string): string[] {
  return [1, 2, 3, 4, 5].map((n) => `${operation}-${n}-1`);
}

/** What lies in the site's backup folder, whole or not. */
export async function backupsOf(lab: Lab): Promise<string[]> {
  const names: string[] = await readdir(join(lab.siteDir, 'db_backup')).catch(() => []);
  return names.sort();
}

/** Actions that the audit log holds about an operation, in order. */
export async function auditOf(lab: Lab, operation: string): Promise<string[]> {
  const rows = await lab.rows<{ action: string; n: string | null }>(
    `select action, data ->> 'n' as n from twokey.audit where subject = $1 order by seq`,
    [operation],
  );
  return rows.map(({ action, n }) => (n === null ? action : `${action} ${n}`));
}

/** Sends the command, and answers once the operation's card is there. */
export async function ordered(lab: Lab, line = '/ops backup acme'): Promise<string> {
  const id = await lab.request(line);
  await lab.card(id);
  return id;
}

/** Waits until a job has printed this. */
export function untilPrinted(lab: Lab, jid: string, text: string, withinMs = 20_000): Promise<string> {
  return until(
    `${jid} prints ${text}`,
    async () => {
      const out = await printed(lab, jid).catch(() => Buffer.alloc(0));
      return out.includes(text) ? out.toString() : null;
    },
    withinMs,
  );
}

/** Everything that an operation's people can read: the card, the thread, what it says underneath. */
export async function everythingShown(lab: Lab, operation: string): Promise<string> {
  const card = await lab.card(operation);
  const all: UiMessage[] = [...lab.operator.sees(), ...lab.operator.thread(card.channel, card.ts)];
  return all.map((message) => `${message.text}\n${shown(message)}`).join('\n');
}

/** The bytes of a file as a person downloads it. */
export async function download(lab: Lab, file: string): Promise<Buffer> {
  const answer = await fetch(`${lab.workspace.url}/ui/file/${file}`, { headers: { 'x-person': lab.operator.id } });
  if (!answer.ok) throw new Error(`the file was answered with ${answer.status}`);
  return Buffer.from(await answer.arrayBuffer());
}

/** Text of a tool that first runs `text`, but not when it is only asked for its version. */
export function unlessVersion(text: string): string {
  return `case "$*" in *--version*) ;; *)\n${text}\n;; esac`;
}

/** Shell text that goes on printing numbered lines, with a pause after each, until there is a file of that name. */
export function numberedLinesUntil(file: string, pauseSeconds: number): string {
  return `n=0; while [ ! -e '${file}' ]; do n=$((n + 1)); printf 'Zeile № %04d · größe ✓\\n' $n; sleep ${pauseSeconds}; done`;
}

/** Shell text that prints numbered lines of UTF-8 with a pause after each. */
export function numberedLines(count: number, pauseSeconds: number): string {
  return `n=0; while [ $n -lt ${count} ]; do n=$((n + 1)); printf 'Zeile № %04d · größe ✓\\n' $n; sleep ${pauseSeconds}; done`;
}
