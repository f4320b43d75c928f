import { findHost } from '../../estate/estate.ts';
import type { Refusal } from '../../kernel/errors.ts';
import type { Result } from '../../kernel/result.ts';
import type { ReleaseContext } from './context.ts';
import { lookOnHost } from './host-file.ts';
import type { FoundFile, ReleaseCopy, ReleaseRecord } from './ports.ts';

/** What a fresh look at one copy says. */
export interface Verified {
  readonly copy: ReleaseCopy;
  /** `unknown`: nobody here can read it. */
  readonly state: 'whole' | 'damaged' | 'unknown';
  readonly words: string;
}

/** Reads every copy that can be reached from here again, and notes what was found. */
export async function verifyRelease(
  context: ReleaseContext,
  release: ReleaseRecord,
  by: string,
): Promise<readonly Verified[]> {
  const verified: Verified[] = [];
  for (const copy of release.copies) {
    const one = await verifyCopy(context, release, copy);
    verified.push(one);
    if (one.state !== 'unknown')
      await context.book.noteVerified(release.id, copy.place, one.state === 'damaged' ? one.words : null, by);
  }
  return verified;
}

async function verifyCopy(context: ReleaseContext, release: ReleaseRecord, copy: ReleaseCopy): Promise<Verified> {
  const looked = await lookAgain(context, copy);
  if (looked === null)
    return { copy, state: 'unknown', words: `it lies in the data directory of ${copy.machine}; ask the Twokey there` };
  if (!looked.ok) {
    const { code, message } = looked.error;
    return { copy, state: code === 'bad_release' ? 'damaged' : 'unknown', words: message };
  }
  const { sha256 } = looked.value;
  return sha256 === release.sha256
    ? { copy, state: 'whole', words: 'the same, byte for byte' }
    : { copy, state: 'damaged', words: `its SHA-256 is ${sha256} now: it is not what was added` };
}

async function lookAgain(
  { shelf, hosts, estate }: ReleaseContext,
  copy: ReleaseCopy,
): Promise<Result<FoundFile, Refusal> | null> {
  if (copy.place === shelf.place) return shelf.look(copy.path);
  if (!copy.place.startsWith('host:')) return null;
  const host = findHost(await estate(), copy.place.slice('host:'.length));
  return host.ok ? lookOnHost(hosts, host.value, copy.path) : host;
}
