import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { loadProfiles } from '../../../../src/estate/profile-load.ts';
import type { ShippedFile } from '../../../../src/estate/release-manifest.ts';
import { ok } from '../../../../src/kernel/result.ts';
import { openPatches, type PatchContext } from '../../../../src/operations/patches/service.ts';
import { judgePatches } from '../../../../src/operations/patches/verdict.ts';
import type { ReleaseRecord } from '../../../../src/operations/releases/ports.ts';
import { estate, hostInput, siteInput, siteOf, T0 } from '../../../support/builders.ts';
import { hostHere, releaseFolder, shippedFile, unpack } from '../../../support/patched-tree.ts';
import { profileHome } from '../../../support/profile-home.ts';

let root = '';
beforeEach(() => {
  root = releaseFolder();
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const PROFILE = `
name: acme-app
title: An application that is unpacked
extends: script
layout: { release_dir: "{site_dir}/{folder}", release_strip: 1 }
settings:
  folder: { type: name, default: current, description: Where it is unpacked. }
releases:
  - { product: acme-app, pattern: '^acme-app-(\\d+\\.\\d+\\.\\d+)\\.tar$' }
  - { product: worker, pattern: '^worker-(\\d+\\.\\d+\\.\\d+)\\.tar$' }
`;
const BARE = PROFILE.replace('acme-app\n', 'acme-bare\n').replace(/^layout.*$/m, '');
const FILES = [shippedFile('acme-8/run', 'run'), shippedFile('acme-8/lib/a', 'a')];

function releaseOf(product: string, version: string, change: Partial<ReleaseRecord> = {}): ReleaseRecord {
  const fileName = `${product}-${version}.tar`;
  const fixed = {
    size: 1,
    sha256: 'a'.repeat(64),
    source: '',
    manifest: true,
    addedAt: T0,
    addedBy: 'U0REQ',
    copies: [],
  };
  return { id: 'r1', product, version, fileName, ...fixed, ...change };
}

function world(
  its: {
    readonly releases?: readonly ReleaseRecord[];
    readonly files?: readonly ShippedFile[];
    readonly profile?: string;
    readonly document?: Readonly<Record<string, string>>;
    readonly hosts?: readonly object[];
  } = {},
) {
  using home = profileHome({ 'acme-app.yml': PROFILE, 'acme-bare.yml': BARE });
  const all = estate(its.hosts ?? [hostInput('app1')], [
    siteInput('acme', 'app1', { profile: its.profile ?? 'acme-app', version: '8.1.0', site_dir: root }),
  ]);
  const here = hostHere().hosts;
  const questions: string[] = [];
  const recorded: Parameters<PatchContext['book']['record']>[0][] = [];
  const context: PatchContext = {
    profiles: loadProfiles(home.home),
    settings: {
      state: () =>
        Promise.resolve({
          version: 1,
          document: its.document ?? {},
          running: 0,
          runningDocument: {},
          uncertain: false,
          pendingRedeploy: false,
        }),
    },
    releases: {
      list: () => Promise.resolve(its.releases ?? [releaseOf('worker', '8.1.0'), releaseOf('acme-app', '8.1.0')]),
      files: () => Promise.resolve(its.files ?? FILES),
    },
    hosts: {
      run: (...question) => {
        questions.push(question[0].name);
        return here.run(...question);
      },
    },
    estate: () => Promise.resolve(all),
    book: {
      last: () => Promise.resolve(recorded[0] ? { ...recorded[0], at: T0 } : null),
      record: (one) => {
        recorded.unshift(one);
        return Promise.resolve({ ...one, at: T0 });
      },
    },
  };
  const patches = openPatches(context);
  const site = siteOf(all, 'acme');
  return { patches, recorded, questions, look: () => patches.look(site) };
}

describe('R23 what the files of a site are compared with', () => {
  it('is the release of the first product of its profile, in its version, where the layout says', async () => {
    unpack(join(root, 'current'), [shippedFile('run', 'run'), shippedFile('lib/a', 'a')]);
    const report = await world().look();
    expect(report).toMatchObject({
      release: { ok: true, value: { product: 'acme-app', version: '8.1.0' } },
      hosts: [{ host: 'app1', same: 2, findings: [], unread: [], trouble: null }],
    });
    const elsewhere = await world({ document: { folder: 'other' } }).look();
    expect(elsewhere.hosts[0]?.trouble?.why).toBe(`there is no folder ${root}/other`);
  });

  it('is compared once for all who ask at the same time, and anew for who asks later', async () => {
    unpack(join(root, 'current'), [shippedFile('run', 'run'), shippedFile('lib/a', 'a')]);
    const { look, questions } = world();
    const [one, other] = await Promise.all([look(), look()]);
    expect(other).toEqual(one);
    expect(questions).toEqual(['app1']);
    writeFileSync(join(root, 'current/run'), 'mine');
    expect((await look()).hosts[0]?.findings).toHaveLength(1);
    expect(questions).toEqual(['app1', 'app1']);
  });

  it('is compared on each host that serves the site', async () => {
    unpack(join(root, 'current'), [shippedFile('run', 'run'), shippedFile('lib/a', 'a')]);
    const hosts = [
      hostInput('app1'),
      hostInput('app2', { address: '192.0.2.2', roles: ['api'] }),
      hostInput('db1', { address: '192.0.2.3', roles: ['db'] }),
    ];
    const report = await world({ hosts }).look();
    expect(report.hosts.map((one) => one.host)).toEqual(['app1', 'app2']);
  });

  it.each([
    [
      'no release of that version',
      { releases: [releaseOf('acme-app', '8.0.0')] },
      'unknown_release',
      /no such release[\s\S]*release add/,
    ],
    [
      'a release whose files were not read',
      { releases: [releaseOf('acme-app', '8.1.0', { manifest: false })] },
      'unknown_release',
      /not known file by file[\s\S]*once more/,
    ],
    ['another product alone', { releases: [releaseOf('worker', '8.1.0')] }, 'unknown_release', /acme-app 8\.1\.0/],
    ['a profile without releases', { profile: 'script' }, 'not_supported', /names no releases[\s\S]*`releases`/],
    [
      'a profile that does not say where they lie',
      { profile: 'acme-bare' },
      'command_not_set',
      /layout\.release_dir[\s\S]*Only your release-load script knows[\s\S]*docs\/profiles\.md/,
    ],
    ['files of which nothing is left', { files: [shippedFile('README', 'x')] }, 'bad_release', /release_strip/],
    ['a setting that is no folder', { document: { folder: '../x' } }, 'bad_arguments', /folder/],
  ] as const)('P5 P10 is UNKNOWN with %s, and says what to do', async (_what, its, code, words) => {
    const { look, patches } = world(its);
    const report = await look();
    expect(report.release).toMatchObject({ ok: false, error: { code } });
    if (!report.release.ok) expect(`${report.release.error.message} ${report.release.error.next}`).toMatch(words);
    expect(judgePatches(report)).toMatchObject({ kind: 'unknown', comparable: false });
    expect(await patches.acknowledge(report, { set: '0'.repeat(12), reason: 'r', by: 'U0REQ' })).toEqual(
      report.release,
    );
  });
});

describe('R23 acknowledging', () => {
  const wish = { set: '0'.repeat(12), reason: 'a fix of ours', by: 'U0REQ' };
  const setOf = (verdict: ReturnType<typeof judgePatches>) =>
    verdict.kind === 'open' ? verdict.digest.slice(0, 12) : '';
  const put = () => unpack(join(root, 'current'), [shippedFile('run', 'mine'), shippedFile('lib/a', 'a')]);

  it('records the whole set under its name, and holds until one file changes again', async () => {
    put();
    const { look, patches, recorded } = world();
    const report = await look();
    const before = judgePatches(report);
    expect(before.kind).toBe('open');
    const done = await patches.acknowledge(report, { ...wish, set: setOf(before) });
    expect(done).toMatchObject(ok({ site: 'acme', reason: 'a fix of ours', by: 'U0REQ', findings: [{ path: 'run' }] }));
    expect(recorded).toHaveLength(1);
    expect(judgePatches(await look()).kind).toBe('acknowledged');
    writeFileSync(join(root, 'current/run'), 'mine too');
    expect(judgePatches(await look())).toMatchObject({ kind: 'open', since: ['app1 run'] });
  });

  it('P2 counts only for the set that the person saw', async () => {
    put();
    const { look, patches, recorded } = world();
    const report = await look();
    const set = setOf(judgePatches(report));
    const other = { ...wish, set: `${set.startsWith('0') ? '1' : '0'}${set.slice(1)}` };
    expect(await patches.acknowledge(report, other)).toMatchObject({
      ok: false,
      error: { code: 'bad_arguments', next: 'Look at `patches acme` again.' },
    });
    expect(recorded).toEqual([]);
    expect((await patches.acknowledge(report, { ...wish, set })).ok).toBe(true);
  });

  it('P5 is refused as long as one file is UNKNOWN, and where nothing differs', async () => {
    const { look, patches, recorded } = world();
    expect(await patches.acknowledge(await look(), wish)).toMatchObject({
      ok: false,
      error: { code: 'precheck_failed', message: expect.stringContaining('there is no folder') },
    });
    unpack(join(root, 'current'), [shippedFile('run', 'run'), shippedFile('lib/a', 'a')]);
    expect(await patches.acknowledge(await look(), wish)).toMatchObject({
      ok: false,
      error: { next: 'There is nothing to acknowledge.' },
    });
    expect(recorded).toEqual([]);
  });
});
