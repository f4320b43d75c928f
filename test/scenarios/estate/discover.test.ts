import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { estateDocument } from '../../../src/estate/types.ts';
import { ask, said } from '../../support/ask.ts';
import { composeEngine, composeFile, hasComposeV1 } from '../../support/compose-engine.ts';
import { HOST_SECRET, layOut, SITES } from '../../support/discover-host.ts';
import { runTool } from '../../support/evidence.ts';
import { type Lab, shown, startLab } from '../../support/lab.ts';
import { lookTree } from '../../support/look-tree.ts';
import { download, ordered } from '../../support/story.ts';
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
import { addCluster, hostEntry, onHost } from '../../support/whole-host-lab.ts';
import { type Books, composeStory, startWithBooks } from './compose-story.ts';

const possible = await canRunWholeHosts();
const composeV1 = await hasComposeV1();
if (!composeV1) console.warn('projects of docker-compose v1 are not tried: apt-get install docker-compose');
if (!possible.ok) console.warn(`discover.test.ts is skipped: ${possible.why}`);

describe.skipIf(!possible.ok)('P5 P8 sites are found on a whole Debian host', () => {
  const undo = new AsyncDisposableStack();
  let lab: Lab;
  let books: Books;
  let host: WholeHost;
  let engine: Engine;
  const run = (script: string) => onHost(host, script);
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
    await layOut(host, run);
    await addCluster(lab, { name: 'studio', hosts: [hostEntry(host)] });
    books = await startWithBooks(lab, engine);
  }, 900_000);
  afterAll(async () => {
    if (lab !== undefined) expect(lab.workspace.journal.violations).toEqual([]);
    await undo.disposeAsync();
  }, 60_000);

  it('finds the sites of every layout, offers what can be imported, and changes nothing', async () => {
    await run('touch /run/before; sleep 0.1');
    const { told, file } = await discover();
    expect(await run('find /etc /home /opt /srv /usr /var/rails -xdev -newer /run/before')).toBe('');
    expect(told).toMatch(/studio: 1 of 1 hosts told of 7 sites, 7 of them new; \d+ findings, \d critical\./);
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
    // systemd tells of its units in no order.
    expect(short?.toSorted(([a = ''], [b = '']) => (a < b ? -1 : 1))).toEqual([
      ['ledger-staging', 'staging', '/srv/ledger', 'unknown', 'ledger'],
      ['osf', 'production', '/home/karl/production', '3', 'karl'],
      ['production', 'production', '/home/cchq/www/production', 'unknown', 'commcarehq'],
      ['reporter', 'production', '/srv/reporter', 'unknown', 'app'],
      ['shop', 'production', '/opt/shop', '1.4', 'shop'],
      ['target', 'production', '/var/rails/com_teststudio_target', '8.1.0', 'app'],
      ['target-staging', 'staging', '/var/rails/com_teststudio_target_staging', '8.2.0', 'app_staging'],
    ]);
    expect(offered?.sites.find((site) => site.name === 'ledger-staging')?.database).toMatchObject({
      host: '/run/postgresql',
      port: 5432,
      user: 'ops',
    });
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
    expect((await discover()).told).toContain('7 sites, 0 of them new');
  });

  it('backs up an application that reaches its database by the socket, once Twokey has the role that was offered', async () => {
    const { file } = await discover();
    const login = file.split('#\n').find((one) => one.includes(' socket_login ')) ?? '';
    const command = 'sudo -u postgres createuser -g pg_read_all_data ops';
    for (const words of ['reaches its database by the socket in /run/postgresql as ledger', command])
      expect(login).toContain(words);
    const backup = async () => {
      const id = await ordered(lab, '/ops backup ledger-staging');
      await lab.approve(id);
      return shown(await lab.untilState(id, ['succeeded', 'failed', 'lost']));
    };
    expect(await backup()).toContain('PostgreSQL has no such role, or does not let Twokey’s account on the host in');
    await run(command);
    expect(await backup()).toContain('*succeeded*');
    expect(await run('cat /srv/ledger/db_backup/*/manifest.json')).toContain('"public.entry":100');
  }, 60_000);

  it('says by name, with the command that mends it, each thing the console would stumble over', async () => {
    const [first, second] = SITES.map((site) => site.reverse);
    await run(`set -e
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
    await run('ln -s /usr/sbin/apache2ctl /usr/local/bin/httpd');
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
    await run('systemctl stop ssh ssh.socket; pkill -x sshd; true');
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
    const containers = composeEngine(engine);
    const vendor = {
      project: 'production',
      dir,
      file: `${dir}/docker-compose.yml`,
      environment: ['SHOTGUN_SITE_URL=shotgun.mystudio.test', `POSTGRES_PASSWORD=${HOST_SECRET}`],
    };
    const component = (name: string) => ({ service: name, labels: { 'com.shotgunsoftware.component': name } });
    await containers.start('production_app_1', {
      ...vendor,
      ...component('app'),
      environment: [...vendor.environment, 'PGDATABASE=shotgun', 'PGUSER=shotgun'],
      command: ['sleep', '600'],
    });
    await containers.start('production_memcached_1', { ...vendor, ...component('memcached'), command: ['false'] });
    await containers.start('odd', {
      project: '$(touch pwned)\n@vhost /forged',
      service: "';touch pwned;'",
      dir: '/nowhere',
      file: '/nowhere/compose.yml',
      command: ['true'],
    });
    const { sites, findings, output } = await containers.look(tree);
    expect(output).not.toContain(HOST_SECRET);
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

  it.skipIf(!composeV1)('finds compose projects of v1 and v2: running, stopped, without folder', async () => {
    await using tree = await lookTree();
    // The labels hold paths of this machine, so the tree stands in itself as well; outside of the usual places.
    await tree.link(tree.root, tree.root);
    const containers = composeEngine(engine);
    const image = await containers.image();
    const text = (service: string, database: string) => composeFile(image, service, database);
    await tree.file('/data/shop/docker-compose.yml', text('app', 'shop'));
    await tree.file('/data/shop/more.yml', text('worker', 'shop'));
    await tree.file('/data/lost/docker-compose.yml', text('app', 'lost'));
    await tree.file('/data/newer/compose.yaml', text('app', 'newer'));
    const data = join(tree.root, 'data');
    await Promise.all([
      containers.v1('-f', join(data, 'shop/docker-compose.yml'), '-f', join(data, 'shop/more.yml'), 'up', '-d'),
      containers.v1('-f', join(data, 'lost/docker-compose.yml'), 'up', '-d'),
    ]);
    const newer = { dir: join(data, 'newer'), file: join(data, 'newer/compose.yaml') };
    await containers.start('newer-app-1', { project: 'newer', service: 'app', ...newer, command: ['sleep', '600'] });

    const look = async () => {
      const { sites, findings } = await containers.look(tree);
      const mine = sites.filter((one) => one.siteDir.startsWith(data)).sort((a, b) => (a.siteDir < b.siteDir ? -1 : 1));
      return {
        sites: mine.map(({ siteDir, settings, database }) => [
          siteDir.slice(data.length),
          settings['compose state'],
          settings['compose files'],
          settings['compose services'],
          database.name,
        ]),
        findings: findings.filter((one) => one.subject.startsWith(data)),
      };
    };
    const running = await look();
    expect(running.sites).toEqual([
      ['/lost', 'running', 'docker-compose.yml', 'app', 'lost'],
      ['/newer', 'running', 'compose.yaml', 'app', 'newer'],
      ['/shop', 'running', 'docker-compose.yml, more.yml', 'app, worker', 'shop'],
    ]);
    expect(running.findings.filter((one) => one.code !== 'image_not_pinned')).toEqual([]);

    await rm(join(data, 'lost'), { recursive: true });
    await containers.v1(
      '-f',
      join(data, 'shop/docker-compose.yml'),
      '-f',
      join(data, 'shop/more.yml'),
      'stop',
      '-t',
      '0',
    );
    const after = await look();
    expect(after.sites.map(([dir, state]) => `${dir} ${state}`)).toEqual([
      '/lost running',
      '/newer running',
      '/shop stopped',
    ]);
    const told = after.findings.map((one) => `${one.code} ${one.subject.slice(data.length)}`);
    expect(told).toEqual(['project_folder_gone /lost', 'project_stopped /shop']);
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

  if (composeV1) composeStory(() => books);
});
