import { findHost } from '../../estate/estate.ts';
import type { Host } from '../../estate/types.ts';
import type { Refusal } from '../../kernel/errors.ts';
import { ok, type Result } from '../../kernel/result.ts';
import type { ReleaseContext } from './context.ts';
import { checksumOnHost, sizeOnHost } from './host-file.ts';
import type { ReleaseCopy, ReleaseRecord } from './ports.ts';

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
  const sum = await checksumOf(context, copy);
  if (sum === null) return { copy, ...elsewhere(copy) };
  if (!sum.ok) {
    const { code, message } = sum.error;
    return { copy, state: code === 'bad_release' ? 'damaged' : 'unknown', words: withoutDot(message) };
  }
  return sum.value === release.sha256
    ? { copy, state: 'whole', words: 'the same, byte for byte' }
    : { copy, state: 'damaged', words: `its SHA-256 is ${sum.value} now: it is not what was added` };
}

/** The checksum of a copy now; null when it lies with another Twokey. */
async function checksumOf(
  { shelf, hosts, estate }: ReleaseContext,
  copy: ReleaseCopy,
): Promise<Result<string, Refusal> | null> {
  if (copy.place === shelf.place) {
    const found = await shelf.look(copy.path);
    return found.ok ? ok(found.value.sha256) : found;
  }
  const host = await hostOf(estate, copy);
  if (host === null) return null;
  return host.ok ? checksumOnHost(hosts, host.value, copy.path) : host;
}

/** What a quick look at one copy says: whether it lies where it was, in its size. Nothing of it is read. */
export interface Glance {
  readonly copy: ReleaseCopy;
  readonly state: 'there' | 'wrong' | 'unknown';
  readonly words: string;
}

/** Looks where each copy should be. */
export function glanceAt(context: ReleaseContext, release: ReleaseRecord): Promise<readonly Glance[]> {
  return Promise.all(
    release.copies.map(async (copy): Promise<Glance> => {
      const size = await sizeOf(context, copy);
      if (size === null) return { copy, ...elsewhere(copy) };
      if (!size.ok) return { copy, state: 'unknown', words: withoutDot(size.error.message) };
      if (size.value === null) return { copy, state: 'wrong', words: 'it is not there any more' };
      return size.value === release.size
        ? { copy, state: 'there', words: 'there' }
        : { copy, state: 'wrong', words: `it has ${size.value} bytes now, not ${release.size}` };
    }),
  );
}

async function sizeOf(
  { shelf, hosts, estate }: ReleaseContext,
  copy: ReleaseCopy,
): Promise<Result<number | null, Refusal> | null> {
  if (copy.place === shelf.place) return ok(await shelf.sizeOf(copy.path));
  const host = await hostOf(estate, copy);
  if (host === null) return null;
  return host.ok ? sizeOnHost(hosts, host.value, copy.path) : host;
}

/** The host that has a copy; null when no host has it. */
async function hostOf(estate: ReleaseContext['estate'], copy: ReleaseCopy): Promise<Result<Host, Refusal> | null> {
  if (!copy.place.startsWith('host:')) return null;
  return findHost(await estate(), copy.place.slice('host:'.length));
}

function elsewhere(copy: ReleaseCopy): { readonly state: 'unknown'; readonly words: string } {
  return { state: 'unknown', words: `it lies in the data directory of ${copy.machine}; ask the Twokey there` };
}

function withoutDot(sentence: string): string {
  return sentence.replace(/\.$/, '');
}
