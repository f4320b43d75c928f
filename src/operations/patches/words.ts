import type { HostComparison, PatchKind, Unread } from './finding.ts';

/** How many files a sentence names. */
export const NAMED = 10;
/** How much of a path a sentence shows. */
const LONGEST_PATH = 120;

/** How a file differs, behind its name. */
export const KIND_WORDS: Readonly<Record<PatchKind, string>> = {
  modified: 'modified',
  missing: 'missing',
  link: 'replaced by a link',
  target: 'a link that leads elsewhere',
  type: 'replaced by something else',
};

const UNREAD: Readonly<Record<Unread['why'], { readonly words: string; readonly next: string }>> = {
  unreadable: { words: 'cannot be read', next: 'Let the account of the host read them.' },
  late: { words: 'were not read in time', next: 'Send it again when the host has less to do.' },
  name: {
    words: 'are shipped twice for one place, or under a name that is given to no host',
    next: 'Correct `layout.release_strip` of the profile, or look at them yourself.',
  },
};

/** Files of a host that nobody could compare, counted by their reasons. */
export function unreadOf({ unread }: HostComparison): readonly { readonly why: string; readonly next: string }[] {
  return (['unreadable', 'late', 'name'] as const).flatMap((reason) => {
    const its = unread.filter((one) => one.why === reason);
    const [first] = its;
    if (!first) return [];
    const { words, next } = UNREAD[reason];
    return [{ why: `${its.length} ${words}, ${shortPath(first.path)} for one`, next }];
  });
}

/** The same in words; empty when every file was compared. */
export function unreadInWords(comparison: HostComparison): string {
  return unreadOf(comparison)
    .map((one) => one.why)
    .join(', ');
}

/** `1 file differs since: app1 app/run`. */
export function sinceInWords(since: readonly string[]): string {
  const named = since.slice(0, NAMED).map(shortPath).join(', ');
  const more = since.length > NAMED ? ` and ${since.length - NAMED} more` : '';
  return `${since.length === 1 ? '1 file differs' : `${since.length} files differ`} since: ${named}${more}`;
}

/** `312 on acme-app1, 312 on acme-app2`. */
export function countsInWords(hosts: readonly HostComparison[]): string {
  return hosts.map(({ host, same }) => `${same} on ${host}`).join(', ');
}

/** The end of a path, which tells more than its beginning. */
export function shortPath(path: string): string {
  return path.length <= LONGEST_PATH ? path : `…${path.slice(-LONGEST_PATH).toWellFormed()}`;
}
