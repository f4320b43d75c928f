import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { findSites } from '../../../src/estate/introspection/find-sites.ts';
import { estateDocument } from '../../../src/estate/types.ts';
import { ask, said } from '../../support/ask.ts';
import { HOST_SECRET, layOut, SITES } from '../../support/discover-host.ts';
import { runTool } from '../../support/evidence.ts';
import { type Lab, startLab } from '../../support/lab.ts';
import { lookTree } from '../../support/look-tree.ts';
import { download } from '../../support/story.ts';
import { until } from '../../support/until.ts';
import {
  canRunWholeHosts,
  createAppDatabase,
  defaultCacheDir,
  type Engine,
  startEngine,
  startWholeHost,
  type WholeHost,
} from '../../support/whole-host.ts';

const possible = await canRunWholeHosts();
if (!possible.ok) console.warn(`discover.test.ts is skipped: ${possible.why}`);

describe.skipIf(!possible.ok)('P5 P8 sites are found on a whole Debian host', () => {
  const undo = new AsyncDisposableStack();
  let lab: Lab;
  let host: WholeHost;
  let engine: Engine;
  const docker = async (...words: readonly string[]): Promise<string> => {
    const ran = await engine.docker(words);
    if (ran.code !== 0) throw new Error(`docker ${words[0]}: ${ran.stderr}`);
    return ran.stdout;
  };
  const onHost = async (script: string): Promise<string> => {
    const ran = await host.exec(['sh', '-c', script]);
    if (ran.code !== 0) throw new Error(`${script}: ${ran.stdout}${ran.stderr}`);
    return ran.stdout;
  };
  const answer = async (line: string) => said(await ask(lab.operator, line));
  /** Asks for a discovery; answers what is told and the file that comes beside it. */
  const discover = async () => {
    const files = () => lab.operator.sees('app').flatMap((message) => message.files);
    const before = files().length;
    const told = await answer('/ops site discover studio');
    const file = await until('the file', () => files()[before] ?? null);
    return { told, file: (await download(lab, file.id)).toString() };
  };

  beforeAll(async () => {
    engine = undo.use(await startEngine(defaultCacheDir()));
    [host, lab] = await Promise.all([startWholeHost(engine, { name: 'studio-app' }), startLab()]);
    undo.use(host);
    undo.use(lab);
    await createAppDatabase(host, { password: HOST_SECRET });
    await layOut(host, onHost);
    const estate = estateDocument.parse(parse(await readFile(join(lab.home, 'estate.yml'), 'utf8')));
    const { name, address, user, hostKeys, keyFile } = host;
    const hosts = [{ name, address, user, host_keys: hostKeys, key_file: keyFile }];
    await writeFile(
      join(lab.home, 'estate.yml'),
      stringify({ clusters: [...estate.clusters, { name: 'studio', hosts }] }),
    );
    await lab.bot();
  }, 900_000);
  afterAll(async () => {
    if (lab !== undefined) expect(lab.workspace.journal.violations).toEqual([]);
    await undo.disposeAsync();
  }, 60_000);

  it('finds the sites of every layout, offers what can be imported, and changes nothing', async () => {
    await onHost('touch /root/before; sleep 0.1');
    const { told, file } = await discover();
    expect(await onHost('find /etc /home /opt /srv /usr /var/rails -xdev -newer /root/before')).toBe('');
    expect(told).toMatch(/studio: 1 of 1 hosts told of 6 sites, 6 of them new; \d+ findings, \d critical\./);
    expect(told).toContain('Debian GNU/Linux 12');
    expect(told).toContain('PostgreSQL 15');
    const offered = estateDocument.parse(parse(file)).clusters[0];
    const short = offered?.sites.map(({ name, environment, site_dir, version, database }) => [
      name,
      environment,
      site_dir,
      version,
      database.name,
    ]);
    expect(short).toEqual([
      ['target', 'production', '/var/rails/com_teststudio_target', '8.1.0', 'app'],
      ['target-staging', 'staging', '/var/rails/com_teststudio_target_staging', '8.2.0', 'app_staging'],
      ['shop', 'production', '/opt/shop', '1.4', 'shop'],
      ['production', 'production', '/home/cchq/www/production', 'unknown', 'commcarehq'],
      ['osf', 'production', '/home/karl/production', '3', 'karl'],
      ['reporter', 'production', '/srv/reporter', 'unknown', 'app'],
    ]);
    expect(offered?.sites[0]?.database).toMatchObject({ host: '127.0.0.1', user: 'twokey_backup' });
    expect(file).toContain('# CRITICAL shared_database studio studio-app:5432/app');
    expect(file).toContain('# INFO co_hosted studio studio-app');
    expect(file).toMatch(/# UNKNOWN connection_of_unknown studio-app 127\.0\.0\.1:5432/);
    for (const code of ['httpd_', 'wrong_path', 'two_vhosts', 'unreadable_config'])
      expect(file).not.toContain(` ${code}`);

    await writeFile(join(lab.home, 'studio-sites.yml'), file);
    expect((await runTool(lab, 'estate', 'import', join(lab.home, 'studio-sites.yml'), '--yes')).said).toContain(
      'imported',
    );
    expect((await discover()).told).toContain('6 sites, 0 of them new');
  });

  it('says by name, with the command that mends it, each thing the console would stumble over', async () => {
    const [first, second] = SITES.map((site) => site.reverse);
    await onHost(`set -e
rm /usr/local/bin/httpd
mv /var/rails/${first} /srv/code
sed -i s#/var/rails/${first}#/srv/code# /etc/httpd/conf.d/${first}.conf
mv /var/rails/${second} /srv/staging-code
ln -s /srv/staging-code /var/rails/${second}
cp /etc/httpd/conf.d/${second}.conf /etc/httpd/conf.d/${second}_old.conf
chmod 600 /srv/staging-code/config/database.yml
apachectl configtest 2>&1`);
    const { told, file } = await discover();
    const said_ = (code: string, ...words: readonly string[]) => {
      const finding = file.split('#\n').find((one) => one.includes(` ${code} `)) ?? '';
      for (const word of [...words, code]) expect(finding).toContain(word);
    };
    said_(
      'httpd_not_on_path',
      'CRITICAL',
      '`source /etc/profile && which httpd` does not find it',
      'sudo ln -s /usr/sbin/apache2ctl /usr/local/bin/httpd',
    );
    said_('wrong_path', 'CRITICAL', '/srv/code', `sudo ln -s -- /srv/code /var/rails/${first}`);
    said_('site_symlinked', 'INFO', '/srv/staging-code');
    said_('two_vhosts', 'CRITICAL', 'target-staging.teststudio.com', `${second}_old.conf`);
    said_('unreadable_config', 'UNKNOWN', `/var/rails/${second}/config/database.yml`, 'sudo setfacl -m u:ops:rX --');
    expect(told).toContain('*CRITICAL* studio-app');
    expect(told).toContain('Would mend it: `sudo ln -s /usr/sbin/apache2ctl /usr/local/bin/httpd`');
    // The command that was offered does mend it.
    await onHost('ln -s /usr/sbin/apache2ctl /usr/local/bin/httpd');
    expect((await discover()).file).not.toContain('httpd_not_on_path');
  });

  it('judges the host before it is used', async () => {
    const told = await answer('/ops host preflight studio-app');
    expect(told).toMatch(/WARN +system +Debian GNU\/Linux 12 \(bookworm\) +RHEL or CentOS 7/);
    expect(told).toMatch(/OK +kernel +\d+\.\d+/);
    expect(told).toMatch(/WARN +docker +no container engine/);
    expect(told).toMatch(/OK +inner ports +none is open/);
    expect(told).toMatch(/clock +0 s ahead/);
  });

  it('compares two sites, and with a host that is away says how old its facts are', async () => {
    const now = await answer('/ops site diff target target-staging');
    expect(now).toContain('*studio-app*  asked now');
    expect(now).toMatch(/version in the estate +8\.1\.0 +8\.2\.0/);
    await onHost('systemctl stop ssh ssh.socket; pkill -x sshd; true');
    const away = await answer('/ops site diff target target-staging');
    expect(away).toMatch(/\*not asked now\*: .*These facts were seen .* ago/);
    expect(away).toMatch(/version in the estate +8\.1\.0 +8\.2\.0/);
    // The staging settings could not be read of late, so what was seen before stands.
    expect(away).toMatch(/database pool +5 +20/);
    const silent = await answer('/ops site discover studio');
    expect(silent).toContain('studio: 0 of 1 hosts told of 0 sites');
    expect(silent).toContain('*UNKNOWN* studio-app');
  }, 60_000);

  it('finds containers by the labels that the vendor and compose give them, on a real engine', async () => {
    await using tree = await lookTree();
    const dir = '/opt/shotgun/se/production';
    await tree.file(
      `${dir}/docker-compose.yml`,
      `version: "2"\nservices:\n  app:\n    image: shotgun-app:8.1.0\n    environment:\n      POSTGRES_HOST: db\n      POSTGRES_PASSWORD: ${HOST_SECRET}\n  db:\n    image: postgres:9.6\n    ports: ["127.0.0.1:5433:5432"]\n  memcached:\n    image: memcached:1.4\n    ports: ["11211:11211"]\n`,
    );
    const [image = ''] = (await docker('image', 'ls', '--format', '{{.Repository}}:{{.Tag}}')).split('\n');
    const run = (
      name: string,
      service: string,
      labels: Readonly<Record<string, string>>,
      ...words: readonly string[]
    ) => {
      const compose = {
        'com.docker.compose.project': 'production',
        'com.docker.compose.service': service,
        'com.docker.compose.project.working_dir': dir,
        'com.docker.compose.project.config_files': `${dir}/docker-compose.yml`,
        ...labels,
      };
      const marks = Object.entries(compose).flatMap(([key, value]) => ['--label', `${key}=${value}`]);
      const settings = ['-e', 'SHOTGUN_SITE_URL=shotgun.mystudio.test', '-e', `POSTGRES_PASSWORD=${HOST_SECRET}`];
      return docker('run', '-d', '--network', 'none', '--name', name, ...marks, ...settings, ...words);
    };
    await run(
      'production_app_1',
      'app',
      { 'com.shotgunsoftware.component': 'app' },
      '-e',
      'PGDATABASE=shotgun',
      '-e',
      'PGUSER=shotgun',
      image,
      'sleep',
      '600',
    );
    await run('production_memcached_1', 'memcached', { 'com.shotgunsoftware.component': 'memcached' }, image, 'false');
    const odd = {
      'com.docker.compose.project': '$(touch pwned)\n@vhost /forged',
      'com.docker.compose.project.working_dir': '/nowhere',
    };
    await run('odd', "';touch pwned;'", odd, image, 'true');
    const DOCKER_HOST = `unix://${join(engine.runDir, 'docker.sock')}`;
    const output = await tree.look({ env: { PATH: '/usr/bin:/bin:/usr/sbin:/sbin:/usr/local/bin', DOCKER_HOST } });
    expect(output.toString()).not.toContain(HOST_SECRET);
    const { sites, findings } = findSites('h', output);
    expect(sites).toMatchObject([
      {
        finder: 'shotgun',
        label: 'shotgun.mystudio.test',
        siteDir: dir,
        environment: 'production',
        database: { host: '127.0.0.1', port: 5433, name: 'shotgun', user: 'shotgun' },
      },
    ]);
    const told = findings.map(({ code, subject }) => `${code} ${subject}`);
    expect(told).toContain('container_down production_memcached_1');
    expect(told).toContain(`port_open ${dir}/docker-compose.yml`);
    expect(told.join()).not.toContain('forged');
    expect(await readdir(tree.root)).toEqual(['opt']);
  });

  it('P8 no secret of the host was told, noted or logged', async () => {
    const facts = await lab.rows('select host, name, value from twokey.host_fact');
    expect(facts.length).toBeGreaterThan(10);
    const audit = await lab.rows("select action from twokey.audit where action = 'host.looked-at'");
    expect(audit.length).toBeGreaterThan(3);
    const everything = JSON.stringify([lab.workspace.journal.calls(), lab.workspace.journal.envelopes, facts]);
    expect(everything.length).toBeGreaterThan(10_000);
    expect(everything).not.toContain(HOST_SECRET);
  });
});
