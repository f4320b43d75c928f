import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readManifest } from '../../../../src/adapters/releases/manifest.ts';
import { type HostLook, ListingReader } from '../../../../src/estate/release-listing.ts';
import { MANIFEST_LIMITS } from '../../../../src/estate/release-manifest.ts';
import { CodedError, type Refusal, refusal } from '../../../../src/kernel/errors.ts';
import { err, ok, type Result } from '../../../../src/kernel/result.ts';
import type { HostPort } from '../../../../src/operations/ports.ts';
import { checksumOnHost, readOnHost, sizeOnHost } from '../../../../src/operations/releases/host-file.ts';
import { CHECKSUM, MANIFEST, SIZE } from '../../../../src/operations/releases/host-scripts.ts';
import { archive, gzipped, type MadeEntry } from '../../../support/archive.ts';
import { estate, hostInput } from '../../../support/builders.ts';
import { HOSTILE_ARCHIVES } from '../../../support/hostile-archives.ts';

let dir = '';
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'twokey-host-file-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const its = estate([hostInput('app1')], []).hosts.get('app1');
if (!its) throw new Error('there is no host');
const host = its;

/** What a script prints when a shell of this machine runs it, with its temporary folders in ours. */
function print(script: string, path: string, environment: Readonly<Record<string, string>> = {}): Buffer {
  const env = { PATH: process.env.PATH ?? '', TMPDIR: dir, P_path: path, P_most: '1000000', ...environment };
  return spawnSync('sh', ['-s'], { input: script, env, maxBuffer: 1e8, cwd: dir }).stdout;
}

/** What is read of an archive; `beside` is what lies in the folder anyway. */
function looked(bytes: Uint8Array, chunk = 1_000, beside: readonly string[] = []): HostLook | string {
  const path = join(dir, 'it.tar');
  writeFileSync(path, bytes);
  const printed = print(MANIFEST, path);
  const reader = new ListingReader(MANIFEST_LIMITS);
  try {
    for (let at = 0; at < printed.length; at += chunk) reader.push(printed.subarray(at, at + chunk));
    return reader.end();
  } catch (error) {
    return error instanceof RangeError ? error.message : `thrown: ${String(error)}`;
  } finally {
    expect(readdirSync(dir).sort()).toEqual([...beside, 'it.tar']);
  }
}

async function readHere(bytes: Uint8Array) {
  async function* all() {
    yield bytes;
  }
  const read = await readManifest(all(), MANIFEST_LIMITS);
  return read.ok ? read.value : read.error.message;
}

describe('R56 R23 what a release on a host ships, by the tools of that host', () => {
  const entries: MadeEntry[] = [
    { path: 'app/', type: 'Directory' },
    { path: './app/run', body: '#!/bin/sh\n' },
    { path: 'app/link', type: 'SymbolicLink', link: 'run' },
    { path: 'app/empty', body: '' },
    { path: 'app/hard', type: 'Link', link: 'app/run' },
    { path: 'app/a "x" -> y', body: 'y' },
    { path: 'app/s -> "t"', type: 'SymbolicLink', link: 'a" link to "b' },
    { path: 'app/large', body: Buffer.alloc(70_000, 'z') },
  ];

  it('is the same as what is read here, plain or gzipped, whatever the names, in pieces of any size', async () => {
    for (const bytes of [archive(entries), gzipped(archive(entries))]) {
      const sha256 = createHash('sha256').update(bytes).digest('hex');
      for (const chunk of [1, 7, 100_000])
        expect(looked(bytes, chunk)).toEqual({ sha256, size: bytes.length, files: await readHere(bytes) });
    }
  });

  it('is the same for what GNU tar itself packs: long names, letters beyond ASCII, either format', async () => {
    const from = join(dir, 'from');
    await mkdir(join(from, 'app', 'x'.repeat(120), 'y'.repeat(120)), { recursive: true });
    for (const name of ['größe 测试', `${'x'.repeat(120)}/${'y'.repeat(120)}/z`, 'run'])
      writeFileSync(join(from, 'app', name), name);
    symlinkSync(`${'x'.repeat(120)}/${'y'.repeat(120)}/z`, join(from, 'app', 'far'));
    for (const format of ['gnu', 'posix']) {
      const packed = spawnSync('tar', ['-C', from, `--format=${format}`, '-czf', '-', 'app'], {
        maxBuffer: 1e8,
      }).stdout;
      rmSync(join(dir, 'it.tar'), { force: true });
      const found = looked(packed, 1_000, ['from']);
      expect(found).toMatchObject({ files: await readHere(packed) });
      expect(found).toMatchObject({
        files: expect.arrayContaining([expect.objectContaining({ path: 'app/größe 测试' })]),
      });
    }
  });

  it.each(HOSTILE_ARCHIVES)('refuses %s', (_what, bytes, why) => {
    expect(looked(bytes)).toMatch(why);
    expect(looked(gzipped(bytes))).toMatch(why);
  });

  it('refuses one that is cut short, damaged, or unpacks to more than it may', () => {
    const tar = archive([
      { path: 'a', body: 'a'.repeat(700) },
      { path: 'b', body: 'b'.repeat(10) },
    ]);
    const zipped = gzipped(tar);
    for (const at of [1, 511, 512, 1_300, 1_536, 2_048, 2_560])
      expect(looked(tar.subarray(0, at))).toMatch(/cut short|no tar/);
    for (const at of [1, 20, zipped.length - 1])
      expect(looked(zipped.subarray(0, at))).toMatch(/compression is damaged|no tar/);
    expect(looked(Buffer.alloc(0))).toBe('it is empty');
    expect(looked(Buffer.from('lorem ipsum '.repeat(200)))).toMatch(/no tar/);
    expect(looked(gzipped(archive([{ path: 'zeros', body: Buffer.alloc(2_000_000) }])))).toMatch(
      /more than 1000000 bytes/,
    );
  });

  it('refuses a name that is no UTF-8, and says so', () => {
    const tar = archive([{ path: 'app/xyz', body: '1' }]);
    // The checksum of a header counts its bytes, so two that change by as much leave it right.
    tar[4] = 0xff;
    tar[5] = (0x79 + 0x78 - 0xff + 256) % 256;
    const sum = tar.subarray(0, 512).reduce((all, byte, at) => all + (at >= 148 && at < 156 ? 32 : byte), 0);
    tar.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
    expect(looked(tar)).toBe('a path in it is not in UTF-8');
  });

  it('writes nothing, even where its names would lead', () => {
    const place = join(dir, 'stolen');
    const bytes = archive([
      { path: place.slice(1), body: 'x' },
      { path: '../stolen', body: 'x' },
    ]);
    expect(looked(bytes)).toMatch(/leads out/);
    expect(existsSync(place)).toBe(false);
  });

  it('one whose listing a host’s tar cannot write is known by its checksum alone', async () => {
    const path = join(dir, 'it.tar');
    writeFileSync(path, archive(entries));
    await mkdir(join(dir, 'bin'));
    writeFileSync(
      join(dir, 'bin', 'tar'),
      '#!/bin/sh\n[ "$1" = --version ] && echo "some other tar" || exec /bin/tar "$@"\n',
    );
    chmodSync(join(dir, 'bin', 'tar'), 0o755);
    const reader = new ListingReader(MANIFEST_LIMITS);
    reader.push(print(MANIFEST, path, { PATH: `${join(dir, 'bin')}:${process.env.PATH}` }));
    expect(reader.end()).toMatchObject({ size: archive(entries).length, files: null });
  });

  it('P5 an answer that breaks off, or that is not what was asked for, is no manifest', () => {
    const head = `[sha256] ${'a'.repeat(64)}\n[size] 10\n[entries]\n`;
    const entry = '-rw-r--r-- 0/0 1 1970-01-01 00:00:00 "a"\n';
    const hash = `${'b'.repeat(64)}  -\n`;
    const read = (text: string) => {
      const reader = new ListingReader(MANIFEST_LIMITS);
      try {
        reader.push(Buffer.from(text));
        return reader.end().files?.length;
      } catch (error) {
        return error instanceof RangeError ? error.message : 'thrown';
      }
    };
    expect(read(`${head}${entry}[hashes]\n${hash}[end]\n`)).toBe(1);
    expect(read(`${head}${entry}[hashes]\n${hash}`)).toMatch(/did not say all/);
    expect(read(`${head}${entry}[hashes]\n[end]\n`)).toMatch(/did not read all/);
    expect(read(`${head}${entry}[hashes]\n${hash}${hash}[end]\n`)).toMatch(/something else/);
    expect(read(`${head}${entry}[hashes]\nnonsense\n[end]\n`)).toMatch(/something else/);
    expect(read(`${head}nonsense\n[hashes]\n[end]\n`)).toMatch(/does not know/);
    expect(read(`${head}-rw 0/0 1 x "a\\q"\n[end]\n`)).toMatch(/does not know/);
    expect(read(`${head}-rw 0/0 1 x "a\n[end]\n`)).toMatch(/does not know/);
    expect(read('[problem] it is gone\n')).toBe('it is gone');
    expect(read('x'.repeat(20_000))).toMatch(/too long/);
  });
});

/** A host that prints these bytes as a job's output, breaking the link after each piece. */
function jobHost(printed: Uint8Array, piece: number, end: { readonly size?: number } = {}) {
  const done: string[] = [];
  const noted = (what: string): Promise<Result<true, Refusal>> => {
    done.push(what);
    return Promise.resolve(ok(true));
  };
  const hosts: HostPort = {
    run: () => Promise.reject(new Error('a manifest is made by a job')),
    start: () => Promise.resolve(ok({ fresh: true, dir: '/jobs/x' })),
    async *follow(_host, _jid, offset) {
      done.push(`from ${offset}`);
      const bytes = printed.subarray(offset, offset + piece);
      if (bytes.length > 0) yield { kind: 'data', offset, bytes };
      if (offset + bytes.length < printed.length) throw new CodedError('link_lost', 'the link broke');
      const size = end.size ?? printed.length;
      yield { kind: 'end', end: { kind: 'exited', code: 0, size, truncated: false, cancelled: false } };
    },
    kill: () => noted('kill'),
    remove: () => noted('remove'),
    strip: () => noted('strip'),
  };
  return { hosts, done };
}

describe('R56 the job that reads a release on its host', () => {
  const bytes = archive([{ path: 'a', body: 'x' }]);
  const printed = () => {
    writeFileSync(join(dir, 'it.tar'), bytes);
    return print(MANIFEST, join(dir, 'it.tar'));
  };

  it('P3 goes on where a broken link left it, and nothing of it stays behind', async () => {
    const output = printed();
    const { hosts, done } = jobHost(output, Math.ceil(output.length / 2));
    const found = await readOnHost(hosts, host, '/srv/it.tar', () => undefined);
    expect(found).toMatchObject({
      ok: true,
      value: { place: 'host:app1', fileName: 'it.tar', files: [{ path: 'a' }] },
    });
    expect(done).toEqual(['from 0', `from ${Math.ceil(output.length / 2)}`, 'remove']);
  });

  it('P3 is followed as well when only the answer to its start was lost, and one that never came is not waited for', async () => {
    const start = () => Promise.resolve(err(refusal('link_lost', 'no answer')));
    const { hosts, done } = jobHost(printed(), 100_000);
    expect((await readOnHost({ ...hosts, start }, host, '/srv/it.tar', () => undefined)).ok).toBe(true);
    expect(done).toEqual(['from 0', 'remove']);
    const away = () => Promise.resolve(err(refusal('host_unreachable', 'nobody is there')));
    const none = jobHost(printed(), 100_000);
    const refused = await readOnHost({ ...none.hosts, start: away }, host, '/srv/it.tar', () => undefined);
    expect(refused.ok ? '' : refused.error.code).toBe('host_unreachable');
    expect(none.done).toEqual([]);
  });

  it('is ended at the first thing that is wrong, and one that ended early is not believed', async () => {
    const bad = jobHost(Buffer.from('[entries]\ncrw-r--r-- 0/0 1,3 1970-01-01 00:00:00 "null"\nmore\n'), 1_000);
    const refused = await readOnHost(bad.hosts, host, '/srv/it.tar', () => undefined);
    expect(refused.ok ? '' : refused.error.message).toMatch(/^\/srv\/it.tar on app1: "null" is a device/);
    expect(bad.done).toEqual(['from 0', 'kill', 'remove']);
    const early = jobHost(printed(), 100_000, { size: 9_999_999 });
    const ended = await readOnHost(early.hosts, host, '/srv/it.tar', () => undefined);
    expect(ended.ok ? '' : ended.error.code).toBe('step_failed');
  });
});

describe('P5 a look at a copy on a host', () => {
  const answers = (script: string, path: string): HostPort => ({
    ...jobHost(Buffer.alloc(0), 1).hosts,
    run: (_host, asked) => {
      expect(asked).toBe(script);
      return Promise.resolve(ok({ code: 0, output: print(script, path) }));
    },
  });
  const sum = async (path: string) => {
    const found = await checksumOnHost(answers(CHECKSUM, path), host, path);
    return found.ok ? found.value : found.error.code;
  };
  const size = async (path: string) => {
    const found = await sizeOnHost(answers(SIZE, path), host, path);
    return found.ok ? found.value : found.error.code;
  };

  it('tells what is there, what is gone, and what it cannot tell', async () => {
    const path = join(dir, 'it.tar');
    writeFileSync(path, 'abc');
    symlinkSync(path, join(dir, 'link'));
    expect(await sum(path)).toBe(createHash('sha256').update('abc').digest('hex'));
    expect([await size(path), await size(join(dir, 'link'))]).toEqual([3, 3]);
    expect([await sum(join(dir, 'gone')), await size(join(dir, 'gone'))]).toEqual(['bad_release', null]);
    const away = join(dir, 'not mounted', 'it.tar');
    expect([await sum(away), await size(away)]).toEqual(['precheck_failed', 'precheck_failed']);
    appendFileSync(path, 'd');
    expect(await size(path)).toBe(4);
  });
});
