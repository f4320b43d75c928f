import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readManifest } from '../../../../src/adapters/releases/manifest.ts';
import { EntryJudge, MANIFEST_LIMITS, type ManifestLimits } from '../../../../src/estate/release-manifest.ts';
import { messageOf } from '../../../../src/kernel/errors.ts';
import { archive, gzipped } from '../../../support/archive.ts';
import { HOSTILE_ARCHIVES } from '../../../support/hostile-archives.ts';

async function* pieces(bytes: Uint8Array, size: number) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function read(bytes: Uint8Array, size = 1_000, limits: ManifestLimits = MANIFEST_LIMITS) {
  const read = await readManifest(pieces(bytes, size), limits);
  return read.ok ? read.value : read.error.message;
}

const sha256 = (body: string | Buffer) => createHash('sha256').update(body).digest('hex');

describe('R56 the manifest of a release', () => {
  it('names every file with its size and checksum, plain or gzipped, in pieces of any size', async () => {
    const bodies = fc.uniqueArray(
      fc.record({ name: fc.integer({ min: 0, max: 999 }), body: fc.uint8Array({ maxLength: 3_000 }) }),
      {
        selector: (file) => file.name,
        minLength: 1,
        maxLength: 8,
      },
    );
    await fc.assert(
      fc.asyncProperty(bodies, fc.integer({ min: 1, max: 3_000 }), fc.boolean(), async (files, size, zip) => {
        const tar = archive([
          { path: 'app/', type: 'Directory' },
          ...files.map(({ name, body }) => ({ path: `./app/${name}.bin`, body: Buffer.from(body) })),
        ]);
        const expected = files.map(({ name, body }) => ({
          path: `app/${name}.bin`,
          size: body.length,
          sha256: sha256(Buffer.from(body)),
          link: null,
        }));
        expect(await read(zip ? gzipped(tar) : tar, size)).toEqual(expected);
      }),
      { numRuns: 60 },
    );
  });

  it('of an archive that is cut short anywhere is refused, and never half of it taken', async () => {
    const tar = archive([
      { path: 'a', body: 'a'.repeat(700) },
      { path: 'b', body: 'b'.repeat(10) },
    ]);
    const zipped = gzipped(tar);
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 0, max: tar.length - 1_024 }),
        fc.integer({ min: 0, max: zipped.length - 1 }),
        async (at, zat) => {
          expect(await read(tar.subarray(0, at))).toMatch(/This is no release: /);
          expect(await read(zipped.subarray(0, zat))).toMatch(/This is no release: /);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('of a gzipped archive with one changed bit is refused, or the bit says nothing', async () => {
    const zipped = gzipped(archive([{ path: 'a', body: 'lorem ipsum '.repeat(90) }]));
    const whole = await read(zipped);
    // The bits that fill up the last byte of the compression mean nothing; what comes out is the same then.
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 10, max: zipped.length - 1 }),
        fc.integer({ min: 0, max: 7 }),
        async (at, bit) => {
          const bad = Buffer.from(zipped);
          bad[at] = (bad[at] ?? 0) ^ (1 << bit);
          const answer = await read(bad);
          if (typeof answer === 'string') expect(answer).toMatch(/This is no release: /);
          else expect(answer).toEqual(whole);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('of arbitrary bytes is refused, not thrown', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 4_000 }), async (bytes) => {
        expect(await read(bytes)).toMatch(/This is no release: /);
      }),
      { numRuns: 200 },
    );
  });

  it.each(HOSTILE_ARCHIVES)('refuses %s', async (_what, bytes, why) => {
    expect(await read(bytes)).toMatch(why);
    expect(await read(gzipped(bytes))).toMatch(why);
  });

  it('refuses a bomb before it is unpacked: too many entries, too many bytes, nothing but padding', async () => {
    const many = archive(Array.from({ length: 30 }, (_, n) => ({ path: `f${n}`, body: 'x' })));
    expect(await read(many, 1_000, { entries: 20, bytes: 1_000_000 })).toMatch(/more than 20 entries/);
    const large = gzipped(archive([{ path: 'zeros', body: Buffer.alloc(5_000_000) }]));
    expect(large.length).toBeLessThan(20_000);
    expect(await read(large, 1_000, { entries: 20, bytes: 1_000_000 })).toMatch(/larger than 1000000 bytes/);
    const padded = gzipped(Buffer.concat([archive([{ path: 'a', body: 'x' }]), Buffer.alloc(5_000_000)]));
    expect(await read(padded, 1_000, { entries: 20, bytes: 1_000_000 })).toMatch(/unpacks to more than/);
  });

  it('refuses paths that would take too much memory, long before the entries are too many', () => {
    const taken = (paths: Iterable<string>) => {
      const judge = new EntryJudge(MANIFEST_LIMITS);
      let count = 0;
      try {
        for (const path of paths) {
          judge.take({ kind: 'file', path, size: 1, link: null });
          count += 1;
        }
        return { count, why: null };
      } catch (error) {
        return { count, why: messageOf(error) };
      }
    };
    expect(taken([`${'d/'.repeat(64)}x`, `${'e/'.repeat(65)}x`])).toMatchObject({
      count: 1,
      why: expect.stringContaining('through more than 64 folders'),
    });
    const deep = function* () {
      for (let n = 0; ; n += 1) yield `${String(n).padStart(100, '0')}/${`${'f'.repeat(13)}/`.repeat(63)}x`;
    };
    const refused = taken(deep());
    expect(refused.why).toBe('its paths are too long together');
    expect(refused.count).toBeLessThan(5_000);
    const many = function* () {
      for (let n = 0; n < MANIFEST_LIMITS.entries; n += 1)
        yield `app/vendor/bundle/ruby/3.2.0/gems/gem-${n % 999}.0/lib/module-${n % 20_000}/${'long'.repeat(20)}-${n}.rb`;
    };
    expect(taken(many())).toEqual({ count: MANIFEST_LIMITS.entries, why: null });
  });

  it('keeps a link within the release, with where it leads', async () => {
    const tar = archive([
      { path: 'bin/app-1', body: 'x' },
      { path: 'bin/app', type: 'SymbolicLink', link: 'app-1' },
    ]);
    expect(await read(tar)).toMatchObject([{ path: 'bin/app-1' }, { path: 'bin/app', link: 'app-1', sha256: null }]);
  });
});
