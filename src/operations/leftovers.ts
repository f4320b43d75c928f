import type { Estate } from '../estate/types.ts';
import type { ErrorCode } from '../kernel/errors.ts';
import { ok } from '../kernel/result.ts';
import type { HostPort } from './ports.ts';

/** Refusals that are about one folder: the job lives, or the account may not empty it. */
const OF_ONE_FOLDER: ReadonlySet<ErrorCode> = new Set(['operation_ended', 'precheck_failed']);

/** A job of which more than its end lies on its host. */
export interface Leftover {
  readonly jid: string;
  /** Name of the host, which the estate may not have any more. */
  readonly host: string;
}

export interface LeftoverBook {
  /**
   * Some jobs, the oldest first, whose end is known and whose operations ended longer ago than anybody would look for their
   * folders. One that could not be emptied comes again the next day.
   */
  due(): Promise<readonly Leftover[]>;
  /** Only its end lies on its host any more, or that host is none of Twokey’s now. */
  removed(jid: string): Promise<void>;
  /** Its folder could not be emptied, or its host did not answer. */
  tried(jid: string): Promise<void>;
}

/**
 * Empties folders of jobs on their hosts: the journal has every byte of them. That a job has ended stays there for good, so
 * that not even a database of long ago, put back, runs it again. May be done by several processes at once,
 * and again after any crash. Ends early when the signal aborts.
 */
export async function removeLeftovers(
  {
    book,
    hosts,
    estate,
  }: { readonly book: LeftoverBook; readonly hosts: HostPort; readonly estate: () => Promise<Estate> },
  signal: AbortSignal,
): Promise<void> {
  const due = await book.due();
  if (due.length === 0) return;
  const known = (await estate()).hosts;
  const away = new Set<string>();
  for (const { jid, host: name } of due) {
    if (signal.aborted) return;
    const host = known.get(name);
    const gone = host === undefined || host.shell === 'none';
    const answer = gone ? ok(true) : away.has(name) ? null : await hosts.strip(host, jid);
    if (answer?.ok === false && !OF_ONE_FOLDER.has(answer.error.code)) away.add(name);
    await (answer?.ok ? book.removed(jid) : book.tried(jid));
  }
}
