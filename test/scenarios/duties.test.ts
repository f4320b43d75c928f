import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { importSecTool } from '../../src/import-sec.ts';
import { importSshConfigTool } from '../../src/import-ssh-config.ts';
import { CodedError } from '../../src/kernel/errors.ts';
import { ask, said } from '../support/ask.ts';
import { runTool } from '../support/evidence.ts';
import { type Lab, startLab } from '../support/lab.ts';

const SEC = {
  json_class: 'Cluster',
  id: 'studio',
  cluster_name: 'Studio',
  type: 'Production',
  nodes: [
    { name: 'Main', docker_url: 'unix:///var/run/docker.sock', network: 'production_default', tls_configuration: '' },
  ],
  token: 'do-not-repeat-me',
};

/** Runs an importer in this process, which takes a tenth of the time of one of its own; answers what `runTool` does. */
async function importing(env: Readonly<Record<string, string>>, ...[verb, ...words]: string[]) {
  const lines: string[] = [];
  const log = vi.spyOn(console, 'log').mockImplementation((line: string) => void lines.push(line));
  for (const [key, value] of Object.entries(env)) vi.stubEnv(key, value);
  try {
    const code = await (verb === 'import-sec' ? importSecTool : importSshConfigTool)(words);
    return { code, said: lines.join('\n') };
  } catch (error) {
    if (!(error instanceof CodedError)) throw error;
    return { code: 1, said: `${lines.join('\n')}\n${error.message}\nNext: ${error.next}` };
  } finally {
    vi.unstubAllEnvs();
    log.mockRestore();
  }
}

describe('duties and importers', () => {
  let lab: Lab;
  let folder: string;
  const file = (name: string) => join(folder, name);
  const tool = (...words: string[]) => importing(lab.env, ...words);
  const audited = (action: string) =>
    lab.rows<{ actor: string; subject: string; data: Record<string, unknown> }>(
      'select actor, subject, data from twokey.audit where action = $1 order by seq',
      [action],
    );
  const names = (table: 'host' | 'site') =>
    lab.rows<{ name: string; document: Record<string, unknown> }>(
      `select name, document from twokey.${table} order by name`,
    );
  beforeAll(async () => {
    lab = await startLab();
    folder = join(lab.home, 'import');
    await mkdir(folder);
    await lab.bot();
  });
  afterAll(() => lab[Symbol.asyncDispose]());

  it('P10 a duty is nobody’s until somebody is named, and again once that is taken back; both are in the audit log', async () => {
    const before = said(await ask(lab.viewer, '/ops duties acme'));
    expect(before).toContain(':red_circle: `db-backup` Backups of the database: *nobody owns this*');
    expect(before).toContain('NOT OK: Twokey has made no backup');
    expect(before).toContain('OK: 1 pinned for acme-app');
    expect(said(await ask(lab.operator, '/ops duty set acme db-backup U0APA'))).toContain('is owned by <@U0APA>.');
    expect(said(await ask(lab.operator, '/ops duty set acme db-backup the database team'))).toContain(
      'is owned by the database team, before by <@U0APA>.',
    );
    const owned = said(await ask(lab.viewer, '/ops duties acme --area backup'));
    expect(owned).toContain('`db-backup` Backups of the database: owned by the database team');
    expect(said(await ask(lab.operator, '/ops duty clear acme db-backup'))).toContain('nobody owns it');
    expect(said(await ask(lab.viewer, '/ops duties acme --unowned'))).toContain(':red_circle: `db-backup`');
    expect(said(await ask(lab.viewer, '/ops duty set acme db-backup me'))).toContain(
      'is for operator, approver, admin',
    );
    expect(await audited('duty.set')).toMatchObject([
      { actor: 'U0REQ', subject: 'acme', data: { item: 'db-backup', owner: { id: 'U0APA' }, before: null } },
      { actor: 'U0REQ', subject: 'acme', data: { owner: { words: 'the database team' }, before: { id: 'U0APA' } } },
    ]);
    expect(await audited('duty.cleared')).toMatchObject([{ actor: 'U0REQ', data: { item: 'db-backup' } }]);
  });

  it('a cluster of the console is shown, completed by the command that it says, and written with --yes', async () => {
    await writeFile(file('studio.json'), JSON.stringify(SEC));
    const asked = await runTool(lab, 'import-sec', file('studio.json'));
    expect(asked.code).toBe(1);
    expect(asked.said).toContain(
      `To complete it: twokey import-sec ${file('studio.json')} --address studio-main=ADDRESS --user USER --key-file FILE`,
    );
    expect(asked.said).toContain('not understood and left out: "token" (a text)');
    await writeFile(file('painted.json'), JSON.stringify({ ...SEC, cluster_name: 'Studio\u001b[2J' }));
    const painted = await tool('import-sec', file('painted.json'));
    expect(painted.said).toContain(String.raw`cluster "Studio\u001b[2J", the`);
    const words = [
      'import-sec',
      file('studio.json'),
      '--address',
      'studio-main=10.0.0.5',
      '--user',
      'twokey',
      '--key-file',
      '/keys/studio',
    ];
    const shown = await tool(...words);
    expect(shown.code).toBe(0);
    expect(shown.said).toMatch(/\+ host studio-main\n( {4}.*\n)* {4}address: 10\.0\.0\.5/);
    expect(shown.said).toContain('--db-name NAME: the file does not name the database');
    expect(shown.said).toContain('Nothing was changed.');
    expect((await names('host')).map((one) => one.name)).toEqual(['acme-app']);
    expect((await tool(...words, '--yes')).said).toContain('imported');
    expect((await names('host')).map((one) => one.name)).toEqual(['acme-app', 'studio-main']);
    expect(`${asked.said}${shown.said}`).not.toContain('do-not-repeat-me');
    expect((await tool(...words)).said).toMatch(/unchanged: .*host studio-main/);
  });

  it('R4 a third instance warns, needs a reason to be written, and the reason is kept', async () => {
    const site = [
      '--site-dir',
      '/opt/x',
      '--version',
      '7.6.0.0',
      '--db-host',
      'localhost',
      '--db-name',
      'x',
      '--db-user',
      'x',
    ];
    expect((await tool('import-sec', file('studio.json'), ...site, '--yes')).code).toBe(0);
    const third = ['import-sec', file('studio.json'), ...site, '--site', 'studio-2'];
    const shown = await tool(...third);
    expect(shown.code).toBe(0);
    expect(shown.said).toContain(
      'WARNING: studio-2 would be production site 2 of flow-production-tracking, beside studio.',
    );
    const refused = await tool(...third, '--yes');
    expect(refused.code).toBe(1);
    expect(refused.said).toContain('Next: Send it again with `--reason`');
    expect(await names('site')).toHaveLength(2);
    expect((await tool(...third, '--yes', '--reason', 'fee agreed with the vendor')).code).toBe(0);
    expect(await audited('licence.exceeded')).toMatchObject([{ data: { reason: 'fee agreed with the vendor' } }]);
    // One transaction: neither the reason without the import nor the import without its reason.
    const written = await lab.rows(
      `select action, xmin::text as transaction from twokey.audit
        where seq >= (select seq from twokey.audit where action = 'licence.exceeded') order by seq`,
    );
    expect(written.map((row) => row.action)).toEqual(['licence.exceeded', 'estate.imported']);
    expect(written[0]?.transaction).toBe(written[1]?.transaction);
    expect((await names('site')).map((one) => one.name)).toEqual(['acme', 'studio', 'studio-2']);
  });

  it('a broken file changes nothing, also beside a good one', async () => {
    await writeFile(file('broken.json'), '{');
    const before = await names('host');
    const ended = await runTool(lab, 'import-sec', file('studio.json'), file('broken.json'), '--yes');
    expect(ended.code).toBe(1);
    expect(ended.said).toContain(`${file('broken.json')}: this is not JSON`);
    await writeFile(file('long.json'), ' '.repeat(1_000_001));
    expect((await tool('import-sec', file('long.json'))).said).toContain(
      `${file('long.json')} is too long for a cluster file.`,
    );
    expect(await names('host')).toEqual(before);
  });

  describe('hosts of an ssh_config', () => {
    const line = (...words: string[]) => ['import-ssh-config', '--config', file('config'), ...words];
    const ssh = (...words: string[]) => tool(...line(...words));
    const ran = () => existsSync(file('ran'));
    let fingerprint = '';
    beforeAll(async () => {
      for (const key of ['id', 'hostkey'])
        execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', file(key)]);
      const key = execFileSync('cat', [file('hostkey.pub')], { encoding: 'utf8' });
      fingerprint = execFileSync('ssh-keygen', ['-lf', file('hostkey.pub')], { encoding: 'utf8' }).split(' ')[1] ?? '';
      await writeFile(file('known'), `[127.0.0.9]:2200 ${key}`);
      execFileSync('ssh-keygen', ['-q', '-H', '-f', file('known')], { stdio: 'ignore' });
      await writeFile(
        file('config'),
        `Include ${file('more')}
Host web
  HostName 127.0.0.9
  Port 2200
  ProxyJump outer@bastion:2022,inner
Host tunnel
  ProxyCommand touch ${file('ran')}
Host guarded
  HostName 127.0.0.7
Match originalhost guarded exec "touch ${file('ran')}"
  User other
Host *
  User app
  IdentityFile ${file('id')}
  UserKnownHostsFile ${file('known')}
  GlobalKnownHostsFile none
`,
      );
      await writeFile(
        file('more'),
        `Match originalhost included exec "touch ${file('ran')}"\n  User other\nHost inner\n  HostName 127.0.0.8\n`,
      );
    });

    it('come with every hop, their keys only proposed; pinned by the fingerprint that was shown', async () => {
      const shown = await runTool(lab, ...line('web', '--cluster', 'lan'));
      expect(shown.code).toBe(0);
      expect(shown.said).toMatch(
        /\+ host bastion[\s\S]*port: 2022[\s\S]*user: outer[\s\S]*\+ host inner[\s\S]*jump: bastion[\s\S]*\+ host web[\s\S]*jump: inner/,
      );
      expect(shown.said).toContain(`Compare them with the host's own, then add --pin ${fingerprint}`);
      expect(shown.said).toContain('No host key of inner is in your known_hosts (looked for 127.0.0.8).');
      expect((await ssh('web', '--cluster', 'lan', '--yes')).code).toBe(0);
      const web = async () => (await names('host')).find((one) => one.name === 'web')?.document;
      expect(await web()).toMatchObject({
        address: '127.0.0.9',
        port: 2200,
        user: 'app',
        jump: 'inner',
        key_file: file('id'),
        host_keys: [],
      });
      expect((await ssh('web', '--pin', 'SHA256:other', '--yes')).said).toContain(
        'No host key with the fingerprint SHA256:other',
      );
      expect((await ssh('web', '--pin', fingerprint, '--yes')).code).toBe(0);
      expect(await web()).toMatchObject({ host_keys: [expect.stringMatching(/^ssh-ed25519 AAAA/)] });
      // What is pinned stays pinned without --pin.
      expect((await ssh('web')).said).toMatch(/unchanged: .*host web/);
    });

    it('P8 never run a command: Match exec, also an included one, and ProxyCommand are refused', async () => {
      for (const host of ['guarded', 'included']) {
        const words = line(host, '--cluster', 'lan', '--yes');
        const ended = host === 'guarded' ? await runTool(lab, ...words) : await tool(...words);
        expect(ended.code).toBe(1);
        expect(ended.said).toContain(`decides about ${host} with \`Match exec\``);
      }
      expect((await ssh('tunnel', '--cluster', 'lan', '--yes')).said).toContain(
        'it is reached by a ProxyCommand, and Twokey runs none',
      );
      expect(ran()).toBe(false);
      // The same configuration does run it where ssh finds a shell, so that the refusal is what has stopped it.
      execFileSync('ssh', ['-G', '-F', file('config'), 'guarded'], { stdio: 'ignore' });
      expect(ran()).toBe(true);
    });

    it.each([['--', '-oProxyCommand=id'], ['%h'], ['a\nb'], ['$(id)']])(
      'P8 refuse a hostile name: %j',
      async (...words) => {
        const ended = await ssh('--cluster', 'lan', '--yes', ...words);
        expect(ended.code).toBe(1);
        expect(ended.said).toContain('is no name of a host');
      },
    );
  });
});
