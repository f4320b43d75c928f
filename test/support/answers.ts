import type { JobEvent } from '../../src/shell/jobs.ts';
import type { JobEnd } from '../../src/shell/state.ts';
import type { ShellStream } from '../../src/shell/transport.ts';

type Answer<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly error: { readonly code: string; readonly message: string } };

/** `ok`, or the refusal in one line, for comparisons. */
export function told(answer: Answer<unknown>): string {
  return answer.ok ? 'ok' : `${answer.error.code}: ${answer.error.message}`;
}

/** The value of an answer that must not be a refusal. */
export function unwrap<T>(answer: Answer<T>): T {
  if (!answer.ok) throw new Error(told(answer));
  return answer.value;
}

/** Everything that one attempt at following a job gives. */
export async function collected(events: AsyncIterable<JobEvent>): Promise<{ output: Buffer; end: JobEnd | null }> {
  const pieces: Uint8Array[] = [];
  let end: JobEnd | null = null;
  for await (const event of events) {
    if (event.kind === 'data') pieces.push(event.bytes);
    if (event.kind === 'end') end = event.end;
  }
  return { output: Buffer.concat(pieces), end };
}

/** Reads a stream to its end; says how many bytes there were. */
export async function drained(stream: ShellStream): Promise<number> {
  let total = 0;
  for await (const chunk of stream.stdout) total += chunk.length;
  return total;
}
