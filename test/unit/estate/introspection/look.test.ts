import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { findSites } from '../../../../src/estate/introspection/find-sites.ts';
import { readFrames } from '../../../../src/estate/introspection/frames.ts';
import { FORGED, hostileFile, hostileName, ranByCommands } from '../../../support/hostile.ts';
import { type LookTree, lookTree } from '../../../support/look-tree.ts';

const SECRET = 'hunter2-Tr0ub4dor';
const PLACES = [
  '/etc/httpd/conf.d/N.conf',
  '/etc/apache2/sites-enabled/N.conf',
  '/var/rails/N/config/database.yml',
  '/opt/N/docker-compose.yml',
  '/home/N/environments/x/public.yml',
  '/home/N/production/1/etc/karlserve.ini',
];
const vhost = (name: string, root: string, more = '') =>
  `<VirtualHost *:80>\n  ServerName ${name}\n  DocumentRoot ${root}\n  RailsEnv production\n${more}</VirtualHost>\n`;
const databaseYml = (name: string) => `# password: ${SECRET}
default: &default
  adapter: postgresql
  encoding: unicode
  password: ${SECRET}
production:
  <<: *default
  database: ${name}
  host: db.example.org
  username: rails
  password: |
    ${SECRET}
    host: ${SECRET}
`;

let open: LookTree | undefined;
afterEach(async () => {
  await open?.[Symbol.asyncDispose]();
  open = undefined;
});
async function tree(): Promise<LookTree> {
  open = await lookTree();
  return open;
}

describe('the look script, run by a real shell', () => {
  it.each(['/bin/sh', '/bin/bash'])('%s: finds two sites of the Apache layout with their databases', async (shell) => {
    const host = await tree();
    for (const [name, reverse] of [
      ['target.teststudio.com', 'com_teststudio_target'],
      ['target-staging.teststudio.com', 'com_teststudio_target_staging'],
    ] as const) {
      await host.file(`/etc/httpd/conf.d/${reverse}.conf`, vhost(name, `/var/rails/${reverse}/public`));
      await host.file(`/var/rails/${reverse}/config/database.yml`, databaseYml(reverse), 0o640);
      await host.file(`/var/rails/${reverse}/VERSION`, '8.1.0\n');
    }
    const finds = findSites('studio', await host.look({ shell }));
    expect(finds.sites).toMatchObject([
      {
        finder: 'apache',
        label: 'target.teststudio.com',
        siteDir: '/var/rails/com_teststudio_target',
        version: '8.1.0',
        database: { host: 'db.example.org', port: null, name: 'com_teststudio_target', user: 'rails' },
      },
      { label: 'target-staging.teststudio.com', siteDir: '/var/rails/com_teststudio_target_staging' },
    ]);
    expect(finds.system).toMatchObject({ kernel: expect.stringMatching(/^\d/), clock: expect.any(Number) });
  });

  it('P8 lets no secret leave the host, wherever it stands', async () => {
    const host = await tree();
    await host.file(
      '/etc/httpd/conf.d/com_a.conf',
      vhost(
        'a.com',
        '/var/rails/com_a/public',
        `  SetEnv KEY ${SECRET}\n  SetEnv X \\\nServerName ${SECRET}\n  # ServerAlias ${SECRET}\n`,
      ),
    );
    await host.file('/var/rails/com_a/config/database.yml', databaseYml('a'));
    await host.file(
      '/var/rails/com_b/config/database.yml',
      `production:\n  url: "postgres://rails:${SECRET}@db/b?password=${SECRET}"\n  pool: { password: ${SECRET} }\n  "password": "${SECRET}"\n  variables:\n    host: ${SECRET}\n`,
    );
    await host.file(
      '/opt/shop/docker-compose.yml',
      `x-env: &env\n  POSTGRES_PASSWORD: ${SECRET}\nservices:\n  app:\n    image: shop:1.2\n    command: ["--key", "${SECRET}"]\n    entrypoint:\n    - ${SECRET}\n    - host: ${SECRET}\n    environment:\n      POSTGRES_HOST: db\n      SECRET_KEY: ${SECRET}\n      DATABASE_URL: "host=db password=${SECRET}"\n      MULTI: |\n        POSTGRES_HOST: ${SECRET}\n    labels:\n      traefik.auth: ${SECRET}\n    healthcheck: { test: "${SECRET}" }\n  db:\n    image: postgres:15\n    environment:\n    - POSTGRES_PASSWORD=${SECRET}\n    - POSTGRES_DB=shop\n    - "PGPASSWORD=${SECRET}"\n    secrets:\n    - ${SECRET}\nsecrets:\n  x:\n    environment: ${SECRET}\n`,
    );
    await host.file(
      '/opt/shop/.env',
      `POSTGRES_PASSWORD=${SECRET}\nexport TOKEN="${SECRET}"\nDATABASE_URL=postgres://u:${SECRET}@db:5432/shop\nPOSTGRES_USER=shop\n`,
    );
    await host.file(
      '/home/cchq/environments/production/inventory.ini',
      `[web]\n10.0.0.1 hostname=web1 ansible_ssh_pass=${SECRET}\n[web:vars]\npassword=${SECRET}\n`,
    );
    await host.file(
      '/home/cchq/environments/production/public.yml',
      `SITE_HOST: hq.example.org\nbackup_postgres: dump\nKEY: ${SECRET}\nlocalsettings:\n  PG_DATABASE_PASSWORD: ${SECRET}\n  host: ${SECRET}\n`,
    );
    await host.file(
      '/home/cchq/environments/production/postgresql.yml',
      `dbs:\n  main:\n    host: db1\n    password: ${SECRET}\n    options: { password: ${SECRET} }\n`,
    );
    await host.file('/home/cchq/environments/production/vault.yml', SECRET);
    await host.file(
      '/home/karl/production/7/etc/instances.ini',
      `[instance:osf]\ndsn = dbname='karl' host='db' user='karl' password='a \\'b host=${SECRET} ${SECRET}'\nwho_secret = ${SECRET}\n  ${SECRET}\n`,
    );
    await host.file(
      '/home/karl/production/7/etc/karlserve.ini',
      `[app:karlserve]\nwho_secret = ${SECRET}\nsecret_key = ${SECRET}\n[server:main]\nport = 5678\n`,
    );
    await host.link('/home/karl/production/current', '7');
    await host.file(
      '/etc/cron.d/job',
      `PGPASSWORD=${SECRET}\n0 3 * * * root /opt/job/run --password ${SECRET}\n1 3 * * * root KEY=${SECRET} /opt/job/other\n`,
    );
    const output = (await host.look()).toString();
    expect(output).not.toContain(SECRET);
    expect(output).toContain('@. ok');
    const { sites } = findSites('h', Buffer.from(output));
    expect(sites.map((site) => [site.finder, site.label, site.database])).toEqual([
      ['apache', 'a.com', { host: 'db.example.org', port: null, name: 'a', user: 'rails' }],
      ['compose', 'shop', { host: null, port: null, name: 'shop', user: null }],
      ['commcare', 'production', { host: 'db1', port: null, name: 'commcarehq', user: null }],
      ['karl', 'osf', { host: 'db', port: null, name: 'karl', user: 'karl' }],
    ]);
  });

  it('says what it may not read: UNKNOWN is UNKNOWN', async () => {
    const host = await tree();
    await host.file('/etc/httpd/conf.d/com_a.conf', vhost('a.com', '/var/rails/com_a/public'), 0o600);
    await host.file('/etc/httpd/conf.d/com_b.conf', vhost('b.com', '/var/rails/com_b/public'));
    await host.file('/var/rails/com_b/config/database.yml', databaseYml('b'), 0o600);
    await host.file('/opt/shop/docker-compose.yml', 'services: {}', 0o600);
    await host.file('/home/cchq/environments/production/public.yml', 'SITE_HOST: a', 0o600);
    await host.file('/home/karl/production/7/etc/instances.ini', '[instance:x]', 0o600);
    await host.link('/home/karl/production/current', '7');
    const { findings, sites } = findSites('h', await host.look({ uid: 65_534 }));
    const denied = findings.filter((one) => one.code === 'unreadable_config');
    expect(denied.map((one) => one.subject).sort()).toEqual([
      '/etc/httpd/conf.d/com_a.conf',
      '/home/cchq/environments/production/public.yml',
      '/home/karl/production/current/etc/instances.ini',
      '/opt/shop/docker-compose.yml',
      '/var/rails/com_b/config/database.yml',
    ]);
    for (const one of denied) {
      expect(one.severity).toBe('unknown');
      expect(one.mend).toMatch(/^sudo setfacl -m u:nobody:rX -- \//);
    }
    expect(sites.find((site) => site.label === 'b.com')?.database.name).toBeNull();
  });

  it('asks nothing that may hang where its time cannot be limited, and says so', async () => {
    const host = await tree();
    const programs = [
      'ls',
      'head',
      'tr',
      'sed',
      'awk',
      'readlink',
      'wc',
      'cat',
      'grep',
      'sort',
      'id',
      'uname',
      'date',
      'cut',
    ];
    for (const program of programs) await host.link(`/bin/${program}`, `/usr/bin/${program}`);
    await host.file('/etc/httpd/conf.d/com_a.conf', vhost('a.com', '/var/rails/com_a/public'));
    await host.folder('/var/rails/com_a');
    const { frames } = readFrames(await host.look({ env: { PATH: join(host.root, 'bin') } }));
    expect(frames.find((one) => one.kind === 'uname')?.state).toBe('unasked');
    expect(frames.find((one) => one.kind === 'vhost')?.state).toBe('ok');
    const { findings, system } = findSites('h', await host.look({ env: { PATH: join(host.root, 'bin') } }));
    expect(findings.map((one) => one.code)).toEqual(expect.arrayContaining(['look_incomplete', 'httpd_unknown']));
    expect(system.kernel).toBeNull();
  });

  it('reads a folder of virtual hosts once, though another is a link to it', async () => {
    const host = await tree();
    await host.file('/etc/apache2/sites-enabled/com_a.conf', vhost('a.com', '/var/rails/com_a/public'));
    await host.link('/etc/httpd/conf.d', '../apache2/sites-enabled');
    await host.folder('/var/rails/com_a');
    const { frames } = readFrames(await host.look());
    expect(frames.filter((one) => one.kind === 'vhost').map((one) => one.name)).toEqual([
      '/etc/httpd/conf.d/com_a.conf',
    ]);
  });

  it('does not follow a link into the kernel’s file systems, and reads no pipe', async () => {
    const host = await tree();
    await host.link('/etc/httpd/conf.d/com_a.conf', '/proc/self/environ');
    await host.link('/etc/httpd/conf.d/com_b.conf', '/dev/zero');
    await host.link('/etc/httpd/conf.d/com_c.conf', '/nowhere');
    await host.file('/etc/httpd/conf.d/com_d.conf', `${'# long\n'.repeat(20_000)}`);
    const { frames } = readFrames(await host.look());
    const states = frames
      .filter((one) => one.kind === 'vhost')
      .map((one) => [one.name.slice(-10), one.state, one.text]);
    expect(states).toEqual([
      ['com_a.conf', 'refused', ''],
      ['com_b.conf', 'refused', ''],
      ['com_c.conf', 'broken', ''],
      ['com_d.conf', 'cut', ''],
    ]);
  });

  it('P8 hostile names and contents: nothing is run, no frame is forged, nothing is thrown', {
    timeout: 60_000,
  }, async () => {
    const samples = fc.sample(fc.tuple(hostileName, hostileFile), { numRuns: 240, seed: 20_261_121 });
    const host = await tree();
    for (const [index, [word, text]] of samples.entries()) {
      const place = PLACES[index % PLACES.length] ?? '';
      // Some names stand where a file is already.
      await host
        .file(
          place.replace('N', () => (/^\.\.?$/.test(word) ? `d${word}` : word)),
          text,
        )
        .catch(() => undefined);
    }
    // What is told as it stands, and not line by line through a filter.
    await host.file('/etc/os-release', `ID=x${FORGED}`);
    await host.link('/var/rails/com_link', `/x${FORGED}`);
    const before = await readdir(host.root);
    const output = await host.look();
    expect(await readdir(host.root)).toEqual(before);
    const { frames, whole } = readFrames(output);
    expect(whole).toBe(true);
    expect(frames.filter((one) => one.name === '/forged')).toEqual([]);
    expect(frames.filter((one) => one.kind === 'whole')).toHaveLength(1);
    const { findings } = findSites('h', output);
    expect(findings.length).toBeGreaterThan(50);
    expect(await ranByCommands(findings)).toEqual([]);
  });
});
