import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openShelf } from '../../../../src/adapters/releases/shelf.ts';
import { MANIFEST_LIMITS } from '../../../../src/estate/release-manifest.ts';
import { refusal } from '../../../../src/kernel/errors.ts';
import { err, ok } from '../../../../src/kernel/result.ts';
import type { FoundFile } from '../../../../src/operations/releases/ports.ts';
import { archive, gzipped } from '../../../support/archive.ts';

const LIMITS = { ...MANIFEST_LIMITS, file: 100_000 };
const good = gzipped(archive([{ path: 'app/run', body: '#!/bin/sh\n' }]));
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

const keep = (found: FoundFile) => Promise.resolve(ok(found));

async function* pieces(bytes: Uint8Array, failAt = Number.POSITIVE_INFINITY) {
  for (let at = 0; at < bytes.length; at += 50) {
    if (at >= failAt) throw new Error('the link broke');
    yield bytes.subarray(at, at + 50);
  }
}

describe('R56 the folder of releases', () => {
  let home = '';
  beforeEach(() => {
    home = mkdtempSync(join(tmpdir(), 'twokey-releases-'));
  });
  afterEach(() => rmSync(home, { recursive: true, force: true }));
  const there = () => readdirSync(join(home, 'releases')).filter((name) => name !== '.id');
  const refused = async (bytes: Uint8Array, expected: string | null = null) => {
    const taken = await (await openShelf(home, LIMITS)).take('app-1.0.0.tar.gz', pieces(bytes), expected, keep);
    return taken.ok ? 'taken' : taken.error.message;
  };

  it('takes a file in whole, for nobody else’s eyes, with its checksum and what it ships', async () => {
    const shelf = await openShelf(home, LIMITS);
    const taken = await shelf.take('app-1.0.0.tar.gz', pieces(good), sha256(good), keep);
    expect(taken).toMatchObject({
      ok: true,
      value: { sha256: sha256(good), size: good.length, files: [{ path: 'app/run', size: 10 }], place: shelf.place },
    });
    expect(there()).toEqual(['app-1.0.0.tar.gz']);
    expect(readFileSync(join(home, 'releases', 'app-1.0.0.tar.gz'))).toEqual(good);
    expect(statSync(join(home, 'releases', 'app-1.0.0.tar.gz')).mode & 0o777).toBe(0o600);
    expect((await openShelf(home, LIMITS)).place).toBe(shelf.place);
  });

  it('leaves nothing behind of what is refused, or breaks off', async () => {
    expect(await refused(good.subarray(0, good.length - 9))).toContain('cut short');
    expect(await refused(Buffer.alloc(100_001))).toContain('larger than 100000 bytes');
    expect(await refused(good, 'f'.repeat(64))).toContain('not the one you gave');
    const shelf = await openShelf(home, LIMITS);
    await expect(shelf.take('app-1.0.0.tar.gz', pieces(good, 50), null, keep)).rejects.toThrow('the link broke');
    expect(there()).toEqual([]);
  });

  it('leaves nothing behind of what its rows refuse, but what was there before', async () => {
    const shelf = await openShelf(home, LIMITS);
    const take = (refuse: boolean) =>
      shelf.take('app-1.0.0.tar.gz', pieces(good), null, (found) => {
        expect(there()).toContain('app-1.0.0.tar.gz');
        return refuse ? Promise.resolve(err(refusal('name_taken', 'other content'))) : keep(found);
      });
    expect(await take(true)).toMatchObject({ ok: false, error: { code: 'name_taken' } });
    expect(there()).toEqual([]);
    expect((await take(false)).ok).toBe(true);
    expect((await take(true)).ok).toBe(false);
    expect(there()).toEqual(['app-1.0.0.tar.gz']);
  });

  it('does not wait for a pipe, and calls unknown what it may not read', async () => {
    const shelf = await openShelf(home, LIMITS);
    execFileSync('mkfifo', [join(home, 'releases', 'app-1.0.2.tar.gz')]);
    expect(await shelf.dropped()).toEqual([]);
    expect(await shelf.look('app-1.0.2.tar.gz')).toMatchObject({ ok: false, error: { code: 'bad_release' } });
    writeFileSync(join(home, 'releases', 'app-1.0.3.tar.gz'), good, { mode: 0o000 });
    const closed = await shelf.look('app-1.0.3.tar.gz');
    // Nothing is closed to root.
    if (process.getuid?.() === 0) expect(closed.ok).toBe(true);
    else expect(closed).toMatchObject({ ok: false, error: { code: 'precheck_failed' } });
  });

  it('removes what an earlier process left unfinished', async () => {
    await openShelf(home, LIMITS);
    writeFileSync(join(home, 'releases', '.partial-0'), 'half');
    await openShelf(home, LIMITS);
    expect(there()).toEqual([]);
  });

  it('never writes over a file that is there', async () => {
    const shelf = await openShelf(home, LIMITS);
    expect(await refused(good)).toBe('taken');
    expect(await refused(good)).toBe('taken');
    expect(await refused(gzipped(archive([{ path: 'other', body: 'x' }])))).toContain('another file app-1.0.0.tar.gz');
    expect((await shelf.look('app-1.0.0.tar.gz')).ok).toBe(true);
    expect(there()).toEqual(['app-1.0.0.tar.gz']);
  });

  it('reads what somebody put there, with all that follows the archive’s end, and follows no link', async () => {
    const shelf = await openShelf(home, LIMITS);
    const padded = Buffer.concat([good, Buffer.alloc(3_000)]);
    writeFileSync(join(home, 'releases', 'app-1.0.0.tar.gz'), padded);
    chmodSync(join(home, 'releases', 'app-1.0.0.tar.gz'), 0o644);
    symlinkSync('/etc/passwd', join(home, 'releases', 'app-1.0.1.tar.gz'));
    expect(await shelf.dropped()).toEqual(['app-1.0.0.tar.gz']);
    const looked = await shelf.look('app-1.0.0.tar.gz');
    expect(looked).toMatchObject({ ok: true, value: { sha256: sha256(padded), size: padded.length } });
    const link = await shelf.look('app-1.0.1.tar.gz');
    expect(link.ok ? 'read' : link.error.message).toContain('cannot be read');
  });
});
