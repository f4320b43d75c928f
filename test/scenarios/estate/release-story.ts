import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { archive, gzipped } from '../../support/archive.ts';
import { answersTo, ask, fill, said } from '../../support/ask.ts';
import type { TestHttps } from '../../support/https.ts';
import type { Lab } from '../../support/lab.ts';
import { until } from '../../support/until.ts';

/** What a vendor's server gives out. */
export interface Shop {
  /** By path: a file, or the address it is redirected to. */
  readonly served: Map<string, Buffer | string>;
  /** What is below `/slow/` comes when this is settled. */
  slow: Promise<void>;
}

/** Answers as such a server. */
export function give({ served, slow }: Shop, request: IncomingMessage, response: ServerResponse): void {
  const body = served.get(request.url ?? '');
  if (typeof body === 'string') response.writeHead(302, { location: body }).end();
  else if (request.url?.startsWith('/slow/')) void slow.then(() => response.end(body));
  else response.writeHead(body === undefined ? 404 : 200).end(body);
}

/** The world that releases are told about in; the settings of sites are told in the same. */
export interface ReleaseWorld {
  readonly lab: Lab;
  readonly web: TestHttps;
  /** Stops the bot and starts it again. */
  readonly restart: () => Promise<void>;
}

/** Declares the scenarios of releases; to be called after the hooks that make the world. */
export function releaseStory(world: () => ReleaseWorld, shop: Shop): void {
  let lab: Lab;
  let web: TestHttps;
  let restart: () => Promise<void>;
  beforeAll(() => {
    ({ lab, web, restart } = world());
  });
  const asks = async (line: string) => said(await ask(lab.operator, line));
  const release = (version: string) =>
    gzipped(
      archive([
        { path: 'app/', type: 'Directory' },
        { path: 'app/VERSION', body: version },
        { path: 'app/run', body: '#!/bin/sh\n' },
      ]),
    );
  const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');
  const kept = async () => (await readdir(join(lab.home, 'releases'))).filter((file) => !file.startsWith('.')).sort();
  const url = (path: string) => `https://127.0.0.1:${web.port}${path}`;

  it('R56 a release is fetched over https, read whole, and only then there', async () => {
    const good = release('8.2.0');
    shop.served.set('/acme-app-8.2.0.tar.gz', good);
    shop.served.set('/acme-app-8.3.0.tar.gz', good.subarray(0, good.length - 20));
    shop.served.set('/acme-app-8.4.0.tar.gz', url('/acme-app-8.2.0.tar.gz'));
    shop.served.set('/acme-app-8.5.0.tar.gz', 'https://localhost:1/acme-app-8.5.0.tar.gz');
    expect(await asks(`/ops release add ${url('/acme-app-8.3.0.tar.gz')}`)).toContain('it is cut short');
    expect(await asks(`/ops release add ${url('/acme-app-8.5.0.tar.gz')}`)).toContain('private network');
    expect(await asks(`/ops release add ${url('/acme-app-8.6.0.tar.gz')}`)).toContain('answered with 404');
    expect(await asks(`/ops release add ${url('/other-1.tar.gz')}`)).toContain('tells no product and version');
    expect(await asks(`/ops release add ${url('/acme-app-8.2.0.tar.gz')} --checksum ${'0'.repeat(64)}`)).toContain(
      `SHA-256 is ${sha256(good)}, not the one you gave`,
    );
    expect(await readdir(join(lab.home, 'releases'))).toEqual(['.id']);
    expect(await lab.rows('select from twokey.release')).toEqual([]);
    const added = await asks(`/ops release add ${url('/acme-app-8.2.0.tar.gz')} --checksum ${sha256(good)}`);
    expect(added).toMatch(/acme-app 8\.2\.0.* is added[\s\S]*file by file/);
    expect(await readFile(join(lab.home, 'releases', 'acme-app-8.2.0.tar.gz'))).toEqual(good);
    const shownRelease = await asks('/ops release show 8.2.0');
    expect(shownRelease).toContain('2 files: app/VERSION, app/run');
    expect(shownRelease).toContain(sha256(good));
    // What it is called is in the first address; the redirect only says where it lies.
    expect(await asks(`/ops release add ${url('/acme-app-8.4.0.tar.gz')}`)).toContain('8.4.0');
  });

  const uploads = async (name: string, bytes: Buffer, more: Readonly<Record<string, string>> = {}) =>
    said(await fill(lab.operator, '/ops release add', { File: await lab.operator.upload(name, bytes), ...more }));
  const downloads = () => lab.workspace.journal.calls('files.download');

  it('R56 a file is uploaded in the form, and goes the same way as one from an address', async () => {
    const { operator } = lab;
    // As Slack answers an app without the scope.
    lab.workspace.faults.add({ method: 'views.open', error: 'invalid_arguments', times: 1 });
    expect(await asks('/ops release add')).toMatch(/This needs source[\s\S]*scope `files:read`/);
    await operator.slash('/ops release add');
    const form = await operator.waitFor((person) => person.view(), { what: 'the form' });
    const empty = await operator.submit(form);
    expect(JSON.stringify(empty)).toContain('Choose a file, or say where it lies.');
    const file = await operator.upload('acme-app-8.20.0.tar.gz', release('8.20.0'));
    const both = await operator.submit(form, { File: file, 'Address, or host:/path': 'acme-app:/srv/x.tar' });
    expect(JSON.stringify(both)).toContain('it is one of the two');
    await operator.close(form);
    expect(downloads()).toEqual([]);

    const good = release('8.20.0');
    expect(await uploads('acme-app-8.20.0.tar.gz', good, { Product: 'acme-app', 'SHA-256': sha256(good) })).toMatch(
      /acme-app 8\.20\.0.* is added[\s\S]*file by file/,
    );
    expect(await readFile(join(lab.home, 'releases', 'acme-app-8.20.0.tar.gz'))).toEqual(good);
    expect(await asks('/ops release show 8.20.0')).toMatch(/2 files: app\/VERSION, app\/run[\s\S]*/);
    expect(await asks('/ops release show 8.20.0')).toMatch(/from Slack, file F/);

    expect(await uploads('acme-app-8.21.0.tar.gz', good.subarray(0, good.length - 20))).toContain('it is cut short');
    expect(await uploads('acme-app-8.21.0.tar', Buffer.from('no tar'))).toContain('no release');
    expect(await uploads('acme-app-8.21.0.tar.gz', good, { 'SHA-256': '0'.repeat(64) })).toContain(
      'not the one you gave',
    );
    const before = downloads().length;
    expect(await uploads('holiday.png', good)).toContain('tells no product and version');
    expect(downloads()).toHaveLength(before);
    lab.workspace.faults.add({ method: 'files.download', times: 1, dropConnection: true });
    expect(await uploads('acme-app-8.21.0.tar.gz', good)).toMatch(/could not be fetched[\s\S]*Send it again/);
    lab.workspace.deleteFile(file);
    expect(await asks(`/ops release add slack:${file}`)).toContain('not there any more');
    const others = await lab.admin.upload('acme-app-8.21.0.tar.gz', good);
    expect(await asks(`/ops release add slack:${others}`)).toContain('Somebody else uploaded that file');
    expect(await kept()).not.toContain('acme-app-8.21.0.tar.gz');
    expect(downloads().every((one) => one.args.authorised === true)).toBe(true);
    expect((await lab.rows(`select from twokey.release where version = '8.21.0'`)).length).toBe(0);
    expect(said(await ask(lab.viewer, `/ops release add slack:${others}`))).toContain('is for operator');
  });

  it('R56 who waits for a release is told how far it is', async () => {
    let go: () => void = () => undefined;
    shop.slow = new Promise<void>((resolve) => {
      go = resolve;
    });
    shop.served.set('/slow/acme-app-8.22.0.tar.gz', release('8.22.0'));
    await lab.operator.slash(`/ops release add ${url('/slow/acme-app-8.22.0.tar.gz')}`);
    const heard = () => answersTo(lab.operator).map(said).join('\n');
    await until('it says that it fetches', () => /8\.22\.0\.tar\.gz is being fetched.*You are told/.test(heard()));
    go();
    await until('it says that it is there', () => /acme-app 8\.22\.0 is added/.test(heard()));
  });

  it('R56 a release on a host stays there; one that is damaged, or not there, is refused', async () => {
    const [good, bad] = [join(lab.siteDir, 'acme-app-8.1.0.tar.gz'), join(lab.siteDir, 'acme-app-8.1.1.tar.gz')];
    await writeFile(good, release('8.1.0'), { mode: 0o644 });
    await writeFile(bad, release('8.1.1').subarray(0, 100), { mode: 0o644 });
    expect(await asks(`/ops release add acme-app:${bad}`)).toContain('its compression is damaged');
    const hostile = join(lab.siteDir, 'acme-app-8.1.2.tar');
    await writeFile(hostile, archive([{ path: '../app/run', body: 'x' }]), { mode: 0o644 });
    expect(await asks(`/ops release add acme-app:${hostile}`)).toContain('leads out of its folder');
    expect(await asks(`/ops release add acme-app:${lab.siteDir}/acme-app-9.9.9.tar`)).toContain('it is not there');
    expect(await asks(`/ops release add acme-app:${good}`)).toContain('file by file');
    expect((await readdir(lab.sshd.target.base)).filter((job) => job.startsWith('release-'))).toEqual([]);
    const told = await asks('/ops release show acme-app-8.1.0');
    expect(told).toContain(sha256(release('8.1.0')));
    expect(told).toMatch(/on the host acme-app.*there; read last[\s\S]*Runs at[\s\S]*acme/);
    expect(told).toContain('2 files: app/VERSION, app/run');
    const files = await lab.rows<{ path: string; sha256: string }>(
      `select path, f.sha256 from twokey.release_file f join twokey.release on id = release
        where version = '8.1.0' order by path`,
    );
    expect(files).toEqual([
      { path: 'app/VERSION', sha256: sha256(Buffer.from('8.1.0')) },
      { path: 'app/run', sha256: sha256(Buffer.from('#!/bin/sh\n')) },
    ]);
    expect(await asks('/ops release remove 8.1.0')).toContain('acme-app 8.1.0 runs at acme');
  });

  it('R23 what differs from the release is listed, and once acknowledged only as long as it stays the same', async () => {
    const root = join(lab.siteDir, 'release');
    expect(await asks('/ops patches acme')).toMatch(/UNKNOWN[\s\S]*there is no folder[\s\S]*Next:[\s\S]*release_dir/);
    await mkdir(root);
    const unpacked = spawnSync('tar', ['xzf', join(lab.siteDir, 'acme-app-8.1.0.tar.gz'), '-C', root]);
    expect(unpacked.status).toBe(0);
    await chmod(join(root, 'app'), 0o700);
    expect(await asks('/ops patches acme')).toMatch(/UNKNOWN\*: 2 cannot be read, app\/VERSION for one/);
    expect(await asks('/ops patches acknowledge acme --set 000000000000 --reason "why not"')).toContain(
      'cannot be acknowledged',
    );
    await chmod(join(root, 'app'), 0o755);
    expect(await asks('/ops patches acme')).toContain('Every file of acme-app 8.1.0 is as shipped: 2 on acme-app.');
    expect(await asks('/ops patches acknowledge acme --set 000000000000 --reason "why not"')).toContain(
      'nothing to acknowledge',
    );

    await writeFile(join(root, 'app/VERSION'), '8.1.0 of ours');
    await rm(join(root, 'app/run'));
    await symlink('/bin/true', join(root, 'app/run'));
    const listed = await asks('/ops patches acme');
    expect(listed).toMatch(/2 files of acme-app 8\.1\.0 differ[\s\S]*nobody has acknowledged/);
    expect(listed).toMatch(/`app\/VERSION` modified\n[\s\S]*`app\/run` replaced by a link/);
    const set = /patches acknowledge acme --set ([0-9a-f]{12}) --reason/.exec(listed)?.[1] ?? '';
    expect(said(await ask(lab.viewer, `/ops patches acknowledge acme --set ${set} --reason x`))).toContain('is for');
    const done = await asks(`/ops patches acknowledge acme --set ${set} --reason "a fix for <mail>"`);
    expect(done).toMatch(new RegExp(`says <@U0REQ>[\\s\\S]*a fix for &lt;mail&gt; \\(set \`${set}\``));
    expect(said(await ask(lab.viewer, '/ops patches acme'))).toMatch(/is acknowledged[\s\S]*by <@U0REQ>/);

    await rm(join(root, 'app/VERSION'));
    const since = await asks('/ops patches acme');
    expect(since).toMatch(/`app\/VERSION` missing[\s\S]*by <@U0REQ>[\s\S]*1 file differs since: acme-app app\/VERSION/);
    expect(await asks(`/ops patches acknowledge acme --set ${set} --reason again`)).toMatch(
      /is not the set[\s\S]*Look at `\/ops patches acme` again/,
    );
    const rows = await lab.rows<{ data: unknown }>(
      `select data from twokey.audit where action = 'patches.acknowledged' and subject = 'acme'`,
    );
    expect(rows).toMatchObject([{ data: { files: 2, reason: 'a fix for <mail>', release: { version: '8.1.0' } } }]);
    const fresh = /patches acknowledge acme --set ([0-9a-f]{12}) --reason/.exec(since)?.[1] ?? '';
    const odd = await fill(lab.operator, '/ops patches acknowledge acme', { set: fresh, reason: 'odd \0 key' });
    expect(said(odd)).toContain('odd \ufffd key');
  });

  it('R56 what is put into the folder is found at the start and by a scan; what is removed stays removed', async () => {
    const folder = join(lab.home, 'releases');
    await writeFile(join(folder, 'acme-app-8.7.0.tar.gz'), release('8.7.0'));
    await writeFile(join(folder, 'acme-app-8.8.0.tar'), 'no tar at all');
    const scanned = await asks('/ops release scan');
    expect(scanned).toMatch(/1 files added, 1 refused[\s\S]*8\.7\.0[\s\S]*acme-app-8\.8\.0\.tar/);
    expect(await kept()).toContain('acme-app-8.8.0.tar');
    expect(await asks('/ops release remove 8.7.0')).toContain('off the list');
    await writeFile(join(folder, 'acme-app-8.9.0.tar.gz'), release('8.9.0'));
    await restart();
    await until('the start has read the folder', async () => (await asks('/ops release list')).includes('8.9.0'));
    expect(await asks('/ops release list')).not.toContain('8.7.0');
    expect(await asks('/ops release add folder:acme-app-8.7.0.tar.gz')).toContain('is added');
  });

  it('R56 a flipped byte is found, on a host and here; another content of the same version is refused', async () => {
    expect(said(await ask(lab.viewer, '/ops release verify 8.2.0'))).toMatch(/whole[\s\S]*byte for byte/);
    for (const file of [
      join(lab.home, 'releases', 'acme-app-8.2.0.tar.gz'),
      join(lab.siteDir, 'acme-app-8.1.0.tar.gz'),
    ]) {
      const bytes = await readFile(file);
      bytes[60] = (bytes[60] ?? 0) ^ 1;
      await writeFile(file, bytes);
    }
    for (const version of ['8.2.0', '8.1.0'])
      expect(await asks(`/ops release verify ${version}`)).toMatch(/1 of 1 copies are damaged[\s\S]*DAMAGED/);
    expect(await asks('/ops release list')).toContain('(DAMAGED)');
    shop.served.set('/again/acme-app-8.9.0.tar.gz', release('8.9.0, but different'));
    expect(await asks(`/ops release add ${url('/again/acme-app-8.9.0.tar.gz')}`)).toMatch(/another file|other content/);
    expect(await asks('/ops release verify 8.9.0')).toContain('byte for byte');
    shop.served.set('/again/acme-app-8.1.0.tar.gz', release('8.1.0, but different'));
    expect(await asks(`/ops release add ${url('/again/acme-app-8.1.0.tar.gz')}`)).toContain('other content');
    expect(await kept()).not.toContain('acme-app-8.1.0.tar.gz');
    const audited = await lab.rows<{ action: string }>(
      `select distinct action from twokey.audit where action like 'release.%' order by action`,
    );
    expect(audited.map((row) => row.action)).toEqual(['release.added', 'release.removed', 'release.verified']);
  });

  it('P5 of two replicas the one that cannot look says UNKNOWN, and notes nothing', async () => {
    const home = join(lab.home, 'second');
    await mkdir(home);
    for (const folder of ['profiles', 'secrets']) await symlink(join(lab.home, folder), join(home, folder));
    const other = await lab.bot({ TWOKEY_HOME: home, NODE_EXTRA_CA_CERTS: web.certificate });
    // Slack gives each command to any of them, so it is asked until both have answered.
    const both = async (line: string): Promise<readonly [string, string]> => {
      const heard = new Map<boolean, string>();
      await until(`both answer ${line}`, async () => {
        const answer = await asks(line);
        return heard.set(answer.includes('UNKNOWN'), answer).size === 2;
      });
      return [heard.get(true) ?? '', heard.get(false) ?? ''];
    };
    const noted = () =>
      lab.rows(
        `select place, verified_at, problem from twokey.release_copy join twokey.release on id = release
          where version in ('8.9.0', '8.1.0') and removed_at is null order by place`,
      );
    const [away, own] = await both('/ops release verify 8.9.0');
    expect(own).toMatch(/8\.9\.0: whole[\s\S]*OK.*byte for byte/);
    expect(away).toMatch(/1 copies could not be read[\s\S]*UNKNOWN.*data directory of .*; ask the Twokey there/);
    const [shownAway, shownOwn] = await both('/ops release show 8.9.0');
    expect(shownOwn).toContain('here, releases/acme-app-8.9.0.tar.gz; there; read last');
    expect(shownAway).toContain('UNKNOWN: it lies in the data directory of');
    // What becomes of the file, only the one that has it can tell.
    await rm(join(lab.home, 'releases', 'acme-app-8.9.0.tar.gz'));
    const [stillAway, gone] = await both('/ops release show 8.9.0');
    expect(gone).toContain('DAMAGED: it is not there any more');
    expect(stillAway).not.toContain('DAMAGED');

    await lab.sshd.stop();
    const before = await noted();
    for (let turn = 0; turn < 3; turn += 1) {
      expect(await asks('/ops release verify 8.1.0')).toMatch(/could not be read[\s\S]*UNKNOWN.*cannot be reached/);
      expect(await asks('/ops release show 8.1.0')).toMatch(
        /UNKNOWN: acme-app .*cannot be reached.*the last look found/,
      );
    }
    expect(await noted()).toEqual(before);
    await lab.sshd.restart();
    await other.stop();
  });
}
