import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ShippedFile } from '../../../../src/estate/release-manifest.ts';
import { refusal } from '../../../../src/kernel/errors.ts';
import { sha256 } from '../../../../src/kernel/ids.ts';
import { err, ok } from '../../../../src/kernel/result.ts';
import { compareOnHost } from '../../../../src/operations/patches/compare.ts';
import { shippedTree } from '../../../../src/operations/patches/shipped-tree.ts';
import { hostileName } from '../../../support/hostile.ts';
import { SHELLS } from '../../../support/local-questions.ts';
import { hostHere, releaseFolder, shippedFile, shippedLink, unpack } from '../../../support/patched-tree.ts';

let root = '';
beforeEach(() => {
  root = releaseFolder();
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(root, { recursive: true, force: true });
});

const SHIPPED = [
  shippedFile('app/run', '#!/bin/sh\n'),
  shippedFile('app/empty', ''),
  shippedFile('app/lib/deep/er/a', 'a'),
  shippedFile('app/lib/deep/b', 'b'),
  shippedFile(' from space to space ', 's'),
  shippedFile('-rf', 'dash'),
  shippedFile('app/it\'s "quoted" $(touch pwned) `touch pwned` *', 'q'),
  shippedFile('app/größe 测试', 'u'),
  shippedFile('=', 'equals'),
  shippedLink('app/current', 'lib/deep'),
  shippedLink('app/second', 'app/run'),
];

describe.each(SHELLS.map((line) => ({ line, shell: line.join(' ') })))(
  'R23 files of a host, asked with $shell',
  ({ line }) => {
    const { host, hosts } = hostHere(line);
    const compare = (files: readonly ShippedFile[] = SHIPPED, readMs?: number) =>
      compareOnHost(hosts, host, root, shippedTree(files, 0), readMs);
    const found = async (files?: readonly ShippedFile[]) =>
      (await compare(files)).findings.map(({ path, kind }) => `${path}: ${kind}`).sort();
    const replace = (path: string, put: (at: string) => void) => {
      rmSync(join(root, path), { recursive: true });
      put(join(root, path));
    };

    it('are as shipped when they are, whatever their names; what is not shipped is not looked at', async () => {
      unpack(
        root,
        SHIPPED.filter((one) => one.path !== 'app/second'),
      );
      writeFileSync(join(root, 'app/second'), '#!/bin/sh\n');
      writeFileSync(join(root, 'app/own.conf'), 'mine');
      const seen = await compare();
      expect(seen).toEqual({ host: 'app1', same: 11, findings: [], behind: 0, unread: [], trouble: null });
    });

    it('are told one by one when they are not, with the hash of what is there', async () => {
      unpack(root, SHIPPED);
      writeFileSync(join(root, 'app/run'), '#!/bin/SH\n');
      writeFileSync(join(root, 'app/empty'), 'longer');
      replace('-rf', () => undefined);
      replace('=', (at) => symlinkSync('/etc/passwd', at));
      replace('app/größe 测试', (at) => mkdirSync(at));
      replace('app/current', (at) => symlinkSync('/etc', at));
      replace('app/lib/deep/b', (at) => symlinkSync('nowhere\nat all', at));
      const { findings, same } = await compare();
      expect(findings.toSorted((left, right) => (left.path < right.path ? -1 : 1))).toEqual([
        { host: 'app1', path: '-rf', kind: 'missing', found: null },
        { host: 'app1', path: '=', kind: 'link', found: sha256('/etc/passwd') },
        { host: 'app1', path: 'app/current', kind: 'target', found: sha256('/etc') },
        { host: 'app1', path: 'app/empty', kind: 'modified', found: sha256('longer') },
        { host: 'app1', path: 'app/größe 测试', kind: 'type', found: null },
        { host: 'app1', path: 'app/lib/deep/b', kind: 'link', found: sha256('nowhere\nat all') },
        { host: 'app1', path: 'app/run', kind: 'modified', found: sha256('#!/bin/SH\n') },
      ]);
      expect(same).toBe(4);
    });

    it('a file where a link is shipped is something else, with its content', async () => {
      unpack(root, [shippedLink('a', 'away')]);
      replace('a', (at) => writeFileSync(at, 'mine'));
      const { findings } = await compare([shippedLink('a', 'away')]);
      expect(findings).toEqual([{ host: 'app1', path: 'a', kind: 'type', found: sha256('mine') }]);
    });

    it('that are pipes or devices now are something else, and are never opened', async () => {
      unpack(root, SHIPPED);
      replace('app/run', (at) => spawnSync('mkfifo', [at]));
      replace('app/empty', (at) => symlinkSync('/dev/zero', at));
      expect(await found()).toEqual(['app/empty: link', 'app/run: type']);
    });

    it('behind a folder that is a link are not followed: the folder is told', async () => {
      unpack(root, SHIPPED);
      renameSync(join(root, 'app/lib'), join(root, 'elsewhere'));
      symlinkSync('../elsewhere', join(root, 'app/lib'));
      const seen = await compare();
      expect(seen.findings).toEqual([{ host: 'app1', path: 'app/lib', kind: 'link', found: sha256('../elsewhere') }]);
      expect(seen).toMatchObject({ behind: 2, same: 9, unread: [] });
    });

    it('in a folder that is a file now are missing', async () => {
      unpack(root, SHIPPED);
      replace('app/lib', (at) => writeFileSync(at, ''));
      expect(await found()).toEqual(['app/lib/deep/b: missing', 'app/lib/deep/er/a: missing']);
    });

    it('P5 that the account may not read, or not even see, are UNKNOWN', async () => {
      unpack(root, SHIPPED);
      chmodSync(join(root, 'app/run'), 0);
      chmodSync(join(root, 'app/lib/deep'), 0);
      const { findings, unread, same } = await compare();
      expect(unread.toSorted((left, right) => (left.path < right.path ? -1 : 1))).toEqual([
        { path: 'app/lib/deep/b', why: 'unreadable' },
        { path: 'app/lib/deep/er/a', why: 'unreadable' },
        { path: 'app/run', why: 'unreadable' },
      ]);
      expect([findings, same]).toEqual([[], 8]);
      chmodSync(join(root, 'app/lib/deep'), 0o755);
    });

    it('P5 that are too large to be read in time are UNKNOWN, also when their size is another one', async () => {
      const large = 40_000_000_000;
      unpack(root, SHIPPED);
      for (const name of ['large', 'larger']) writeFileSync(join(root, name), '');
      truncateSync(join(root, 'large'), large);
      truncateSync(join(root, 'larger'), large + 1);
      const shipped = ['large', 'larger'].map((path) => ({ ...shippedFile(path, ''), size: large }));
      const { findings, unread, same } = await compare([...SHIPPED, ...shipped], 1_000);
      expect(unread.map((one) => `${one.path} ${one.why}`)).toEqual(
        expect.arrayContaining(['large late', 'larger late']),
      );
      expect(findings).toEqual([{ host: 'app1', path: 'larger', kind: 'modified', found: null }]);
      // On a busy machine smaller ones may be late as well; then they do not count as the same either.
      expect(unread.every((one) => one.why === 'late')).toBe(true);
      expect(same + unread.length).toBe(13);
    });

    it('P5 below a folder that is not there, or that the account may not enter, are UNKNOWN with the reason', async () => {
      const why = async (folder: string) =>
        (await compareOnHost(hosts, host, folder, shippedTree(SHIPPED, 0))).trouble?.why;
      const closed = join(root, 'closed');
      mkdirSync(join(closed, 'in'), { recursive: true });
      chmodSync(closed, 0);
      expect(await why(join(root, 'gone/far'))).toBe(`there is no folder ${root}/gone/far`);
      expect(await why(closed)).toBe(`the account may not look into ${closed}`);
      expect(await why(join(closed, 'in'))).toBe(`the account may not look into ${closed}/in`);
      chmodSync(closed, 0o755);
    });

    it.each(['awk', 'sha256sum', 'xargs', 'cut'])(
      'P5 where %s dies are UNKNOWN, and never as shipped',
      async (tool) => {
        unpack(root, SHIPPED);
        writeFileSync(join(root, tool), '#!/bin/sh\nexit 137\n', { mode: 0o755 });
        vi.stubEnv('PATH', `${root}:${process.env.PATH ?? ''}`);
        const { same, findings, unread, trouble } = await compare();
        expect(trouble !== null || unread.length > 0).toBe(true);
        expect(same + unread.length).toBeLessThanOrEqual(trouble ? 0 : SHIPPED.length);
        expect(findings).toEqual([]);
      },
    );

    it('P8 no name, shipped or in a link, is taken for syntax', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.uniqueArray(hostileName, { minLength: 1, maxLength: 12 }),
          fc.array(hostileName, { maxLength: 4 }),
          async (names, targets) => {
            rmSync(root, { recursive: true });
            root = releaseFolder();
            const good = names.filter((one) => !['', '.', '..'].includes(one) && Buffer.byteLength(one) < 200);
            const files = [
              ...good.map((one) => shippedFile(`app/${one}`, one)),
              ...targets.filter((one) => one !== '').map((one, index) => shippedLink(`links/${index}`, one)),
            ];
            unpack(root, files);
            const { same, findings, unread, trouble } = await compare(files);
            expect(trouble).toBeNull();
            expect(findings).toEqual([]);
            expect(unread.every((one) => one.why === 'name')).toBe(true);
            expect(same + unread.length).toBe(files.length);
            // And when all of them are changed, all of them are told.
            for (const one of good) writeFileSync(join(root, 'app', one), `${one}!`);
            const after = await compare(files);
            const compared = good.filter((one) => !unread.some(({ path }) => path === `app/${one}`));
            expect(after.findings).toHaveLength(compared.length);
            expect(existsSync(join(root, 'pwned')) || existsSync('/pwned')).toBe(false);
            expect(readdirSync(root).filter((one) => !['app', 'links'].includes(one))).toEqual([]);
          },
        ),
        { numRuns: 15 },
      );
    });
  },
);

describe('R23 what a host answers', () => {
  const { host } = hostHere();
  const files = shippedTree([shippedFile('a/b', 'x')], 0);
  const answering = (...answers: readonly string[]) => {
    const left = [...answers];
    return {
      run: () => Promise.resolve(ok({ code: 0, output: new TextEncoder().encode(left.shift() ?? '') })),
    };
  };

  it.each([
    '',
    '[end]',
    '[end]\n',
    '[same] 0\n[end]\n',
    '[same] 2\n[end]\n',
    '[same] 1\n2 missing\n[end]\n',
    '[same] x\n[end]\n',
    '2 missing\n',
    '2 missing\n[end',
    '3 missing\n[end]\n',
    '0 missing\n[end]\n',
    '2 fine\n[end]\n',
    'x\n[end]\n',
    '2 modified abc\n[end]\n',
    '[problem] other\n',
    '[problem] constructor\n[end]\n',
  ])('P5 is not taken for all of it when it is %j', async (answer) => {
    const seen = await compareOnHost(answering(answer), host, '/opt', files);
    expect(seen).toMatchObject({ same: 0, findings: [], trouble: { why: 'it did not say all of it' } });
  });

  it('P5 is UNKNOWN when it does not answer, in the words of the refusal', async () => {
    const away = { run: () => Promise.resolve(err(refusal('host_unreachable', 'app1 cannot be reached.'))) };
    const { trouble } = await compareOnHost(away, host, '/opt', files);
    expect(trouble).toEqual({ why: 'app1 cannot be reached', next: 'Check that the host is up and that SSH answers.' });
  });

  it('names a folder once that is a link in several questions, and counts all that lies behind', async () => {
    const many = Array.from({ length: 15_000 }, (_, index) => shippedFile(`a/${index}`, ''));
    const seen = await compareOnHost(
      answering(`1 link ${'0'.repeat(64)}\n[end]\n`, `1 link ${'0'.repeat(64)}\n[end]\n`),
      host,
      '/opt',
      shippedTree(many, 0),
    );
    expect(seen).toMatchObject({ same: 0, behind: 15_000, findings: [{ path: 'a', kind: 'link' }] });
  });

  it('P5 what is not asked because the time is over is UNKNOWN', async () => {
    const seen = await compareOnHost(answering(), host, '/opt', files, 0);
    expect(seen).toMatchObject({ same: 0, findings: [], unread: [{ path: 'a/b', why: 'late' }], trouble: null });
  });
});
