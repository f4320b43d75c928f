import { describe, expect, it } from 'vitest';
import { candidateOf } from '../../../../src/estate/introspection/candidate.ts';
import { publishedPort, readCompose } from '../../../../src/estate/introspection/compose.ts';
import { readDatabaseUrl, readDsn } from '../../../../src/estate/introspection/database-url.ts';
import { readDatabaseYml } from '../../../../src/estate/introspection/database-yml.ts';
import { findSites } from '../../../../src/estate/introspection/find-sites.ts';
import { type FrameSpec, printedFrames } from '../../../support/frames.ts';

const finds = (...frames: FrameSpec[]) => findSites('h', printedFrames(['account', '-', 'ops'], ...frames));
const codes = (...frames: FrameSpec[]) => finds(...frames).findings.map((one) => one.code);

describe('database settings', () => {
  it.each([
    ['postgres://u:MASKED@db:5433/shop?sslmode=require', { host: 'db', port: 5433, name: 'shop', user: 'u' }],
    ['postgresql+psycopg2://u@[::1]/shop', { host: '::1', port: null, name: 'shop', user: 'u' }],
    ['jdbc:postgresql://db/shop', { host: 'db', port: null, name: 'shop', user: null }],
    ['postgres:///shop?host=/run/pg', { host: '/run/pg', port: null, name: 'shop', user: null }],
    ['postgres://u@/shop?host=/run/pg', { host: '/run/pg', port: null, name: 'shop', user: 'u' }],
    ['postgres://u:MASKED@:5433/shop', { host: null, port: 5433, name: 'shop', user: 'u' }],
    ['postgres://%2Frun%2Fpg/shop?user=u#x', { host: '/run/pg', port: null, name: 'shop', user: 'u' }],
    ['postgres://[::1/shop', { host: null, port: null, name: null, user: null }],
    ['postgres://%zz@db/sh%20op', { host: 'db', port: null, name: 'sh op', user: '%zz' }],
    ['mysql://u@db/shop', null],
  ])('of the address %s', (address, database) => {
    expect(readDatabaseUrl(address)).toEqual(database);
  });

  it('of a data source, quoted or not', () => {
    expect(readDsn(`dbname='karl one' host=db port='5433' user=karl`)).toEqual({
      host: 'db',
      port: 5433,
      name: 'karl one',
      user: 'karl',
    });
    expect(readDsn('nonsense port=99999')).toEqual({ host: null, port: null, name: null, user: null });
  });

  it('of Rails: merged sections, several databases, an address, another kind of database', () => {
    const merged = readDatabaseYml(
      'a: &a\n  host: db\n  port: 5433\nproduction:\n  <<: *a\n  database: x\n  username: u',
      null,
    );
    expect(merged).toMatchObject({
      section: 'production',
      database: { host: 'db', port: 5433, name: 'x', user: 'u' },
      problems: [],
    });
    expect(readDatabaseYml('production:\n  primary:\n    database: x', null).database.name).toBe('x');
    expect(readDatabaseYml('production:\n  url: postgres://u@db/x', null).database).toMatchObject({
      host: 'db',
      name: 'x',
    });
    expect(readDatabaseYml('staging:\n  database: s\nproduction:\n  database: p', 'staging').database.name).toBe('s');
    expect(readDatabaseYml('production:\n  adapter: mysql2\n  database: x', null).problems).toEqual([
      'Its adapter is mysql2, not PostgreSQL.',
    ]);
    expect(readDatabaseYml('development:\n  database: x', null).problems).toEqual([
      'It has no section for production.',
    ]);
    expect(readDatabaseYml('&a [*a]', null).problems[0]).toMatch(/^It cannot be read as YAML/);
  });
});

describe('compose projects', () => {
  const FILE = '/opt/shop/docker-compose.yml';
  const shop = (environment: string, more = '') =>
    `services:\n  app:\n    image: registry.example.org:5000/shop:v1.4.2\n    environment:\n${environment}\n  db:\n    image: postgres:15\n    ${more}\n`;

  it('have services, published ports and labels in both notations', () => {
    const file = readCompose(
      'f',
      `services:\n  a:\n    image: x\n    ports: ["127.0.0.1:5433:5432/tcp", 80]\n    labels: ["com.shotgunsoftware.component=app"]\n    environment: ["A=1", "B=MASKED", "C"]`,
    );
    const [service] = file.services;
    if (!service) throw new Error('no service');
    expect(publishedPort(service, 5432)).toEqual({ address: '127.0.0.1', port: 5433 });
    expect(publishedPort(service, 80)).toBeNull();
    expect(service.component).toBe('app');
    expect([...service.environment]).toEqual([
      ['A', '1'],
      ['B', null],
      ['C', null],
    ]);
    for (const text of ['', '- a', 'services: [', 'services: 5', 'a: *b', '!!js/function x: y'])
      expect(readCompose('f', text).problem).not.toBeNull();
  });

  it('with a database are sites; one that only its own network reaches is said to be incomplete', () => {
    const inside = finds(
      ['compose-file', FILE, shop('      PGHOST: db\n      PGDATABASE: $NAME\n      PGUSER: $USER_OF')],
      ['dot-env', '/opt/shop/.env', 'USER_OF=rails\nNAME=shop'],
    );
    expect(inside.sites).toMatchObject([
      { finder: 'compose', label: 'shop', version: '1.4.2', database: { host: null, name: 'shop', user: 'rails' } },
    ]);
    expect(inside.sites[0]?.databaseProblem).toContain('which no port of the host leads to');
    const outside = finds([
      'compose-file',
      FILE,
      shop('      DATABASE_URL: postgres://u:MASKED@db/x', 'ports: ["127.0.0.1:5434:5432"]'),
    ]);
    expect(outside.sites[0]?.database).toEqual({ host: '127.0.0.1', port: 5434, name: 'x', user: 'u' });
    expect(finds(['compose-file', FILE, 'services:\n  a:\n    image: nginx:1']).sites).toEqual([]);
  });

  it.each(['cut', 'odd', 'refused'])('P5 of which a file is there and %s are not passed over in silence', (state) => {
    const { findings, sites } = finds(['compose-file', FILE, shop('      PGDATABASE: x'), state]);
    expect(sites).toEqual([]);
    expect(findings).toMatchObject([{ code: 'compose_unread', severity: 'unknown', subject: FILE }]);
  });

  it('with what is wrong with them', () => {
    const text =
      'services:\n  a:\n    image: nginx\n    volumes: ["/var/run/docker.sock:/x"]\n  m:\n    image: memcached:1.4\n    ports: ["11211:11211"]';
    expect(codes(['compose-file', FILE, text])).toEqual(['socket_mounted', 'port_open', 'image_not_pinned']);
    const row = [
      'a'.repeat(64),
      'shop-db-1',
      'postgres:15',
      'restarting',
      '0.0.0.0:5432->5432/tcp, :::5432->5432/tcp',
      '',
      'shop',
      'db',
      '/opt/shop',
      FILE,
    ];
    const running: FrameSpec[] = [
      ['docker-socket', 's'],
      ['docker', '-', '20.10.24'],
      ['compose', 'v1', '1.29.2'],
      ['containers', '-', JSON.stringify(row)],
    ];
    expect(codes(...running)).toEqual(['container_down', 'port_open']);
    expect(codes(['compose-file', FILE, 'a: ['])).toEqual(['compose_unclear']);
    expect(codes(['compose-file', FILE, '', 'absent'])).toEqual(['compose_file_missing']);
    expect(codes(['compose-file', FILE, '', 'denied'])).toEqual(['unreadable_config']);
    expect(codes(['docker-socket', 's', '', 'denied'])).toEqual(['docker_denied']);
    expect(codes(['docker-socket', 's'])).toEqual(['docker_client_missing']);
    expect(codes(['docker-socket', 's'], ['docker', '-', '', 'timeout'], ['containers', '-', '', 'timeout'])).toEqual([
      'docker_silent',
      'look_incomplete',
    ]);
    expect(codes(['docker-socket', 's'], ['docker', '-', '20.10.24'], ['containers', '-', '["x"]'])).toEqual([
      'containers_unclear',
      'compose_missing',
    ]);
  });

  /** A line of the frame `containers`, labels as the two programs write them. */
  const container = (name: string, state: string, project: string, dir: string, files: string, service = 'app') =>
    JSON.stringify([name.padEnd(64, '0'), name, 'shop:1.4', state, '', '', project, service, dir, files]);
  const engine = (compose: 'v1' | 'v2', ...containers: readonly string[]): FrameSpec[] => [
    ['docker-socket', 's'],
    ['docker', '-', '20.10.24'],
    ['compose', compose, compose === 'v1' ? '1.29.2' : '2.27.0'],
    ['containers', '-', containers.join('\n')],
  ];
  const SETTINGS = '      PGHOST: 10.0.0.5\n      PGDATABASE: shop\n      PGUSER: rails';
  const OVERRIDE = '/opt/shop/docker-compose.override.yml';
  const override = 'services:\n  app:\n    environment:\n      PGDATABASE: shop_live\n  worker:\n    image: shop:1.4';
  const files: FrameSpec[] = [
    ['compose-dir', '/opt/shop'],
    ['compose-file', FILE, shop(SETTINGS)],
    ['compose-file', OVERRIDE, override],
  ];

  it.each([
    ['v1, typed in its folder', 'v1', 'docker-compose.yml,docker-compose.override.yml'],
    ['v1, typed above it', 'v1', 'shop/docker-compose.yml,shop/docker-compose.override.yml'],
    ['v2', 'v2', `${FILE},${OVERRIDE}`],
  ] as const)('started by %s, have their folder, all their files and the services of all', (_how, compose, label) => {
    const { sites, findings } = finds(
      ...files,
      ...engine(compose, container('shop_app_1', 'running', 'shop', '/opt/shop', label)),
    );
    expect(sites).toMatchObject([
      {
        finder: compose === 'v1' ? 'compose-v1' : 'compose',
        siteDir: '/opt/shop',
        database: { host: '10.0.0.5', name: 'shop_live', user: 'rails' },
        settings: {
          'compose files': 'docker-compose.yml, docker-compose.override.yml',
          'compose services': 'app, db, worker',
          'compose state': 'running',
        },
      },
    ]);
    expect(findings).toEqual([]);
    expect(sites[0] && candidateOf(sites[0], 'h', new Set()).document?.profile).toBe(
      compose === 'v1' ? 'compose-v1' : 'compose',
    );
  });

  it('that are stopped are found, and that is said once, with what starts them', () => {
    const rows = ['app', 'db'].map((one) => container(`shop_${one}_1`, 'exited', 'shop', '/opt/shop', FILE, one));
    const told = (compose: 'v1' | 'v2') => finds(...files, ...engine(compose, ...rows));
    expect(told('v1').sites).toMatchObject([{ label: 'shop', settings: { 'compose state': 'stopped' } }]);
    expect(told('v1').findings).toMatchObject([
      { code: 'project_stopped', severity: 'warning', mend: 'cd /opt/shop && docker-compose -p shop start' },
    ]);
    expect(told('v2').findings).toMatchObject([{ code: 'project_stopped', mend: 'docker compose -p shop start' }]);
    const half = finds(...files, ...engine('v2', rows[0] ?? '', container('w', 'running', 'shop', '/opt/shop', FILE)));
    expect(half.findings.map((one) => one.code)).toEqual(['container_down']);
    expect(half.sites).toMatchObject([{ settings: { 'compose state': '1 of 2 running' } }]);
    const other = (state: string) =>
      finds(...files, ...engine('v2', container('w', state, 'shop', '/opt/shop', FILE))).sites[0]?.settings;
    expect(['restarting', 'paused'].map((state) => other(state)?.['compose state'])).toEqual(
      Array(2).fill('0 of 1 running'),
    );
  });

  it('whose folder is gone are a finding, and cannot be saved as they are', () => {
    const row = container('shop_app_1', 'running', 'shop', '/opt/shop', FILE);
    const gone = finds(
      ...engine('v1', row),
      ['container-env', '-', `"${'shop_app_1'.padEnd(64, '0')}"\n"PGHOST=10.0.0.5"\n"PGDATABASE=shop"\n"PGUSER=rails"`],
      ['compose-dir', '/opt/shop', '', 'absent'],
      ['compose-file', FILE, '', 'absent'],
    );
    expect(gone.findings).toMatchObject([{ code: 'project_folder_gone', severity: 'critical', subject: '/opt/shop' }]);
    expect(gone.findings[0]?.mend).toBe('docker ps -a --filter label=com.docker.compose.project=shop');
    const candidate = gone.sites[0] && candidateOf(gone.sites[0], 'h', new Set());
    expect(candidate).toMatchObject({
      document: null,
      missing: ['The folder of the site: /opt/shop is not there any more.'],
    });
    // A folder that may not be looked into is not one that is gone.
    const hidden = finds(
      ...engine('v1', row),
      ['compose-dir', '/opt/shop', '', 'denied'],
      ['compose-file', FILE, '', 'denied'],
    );
    expect(hidden.findings.map((one) => one.code)).toEqual(['unreadable_config']);
    const file = finds(...engine('v1', row), ['compose-dir', '/opt/shop'], ['compose-file', FILE, '', 'absent']);
    expect(file.findings.map((one) => one.code)).toEqual(['compose_file_missing']);
  });

  it('of the oldest docker-compose, which writes no folder, are found by their name, or said to be without one', () => {
    const row = container('shop_app_1', 'running', 'shop', '', '');
    const found = finds(...files.slice(1), ...engine('v1', row));
    expect(found.sites).toMatchObject([{ siteDir: '/opt/shop', settings: { 'compose state': 'running' } }]);
    const two = finds(
      ...files.slice(1),
      ['compose-file', '/srv/shop/compose.yml', shop(SETTINGS)],
      ...engine('v1', row),
    );
    expect(two.findings.map((one) => `${one.code} ${one.subject}`)).toContain('project_without_folder shop');
    expect(two.sites.map((one) => one.siteDir)).toEqual(['/opt/shop', '/srv/shop']);
  });

  it('in one folder and with one database are one site, whatever they are called; in two folders they are two', () => {
    const { sites } = finds(
      ...files,
      ['compose-dir', '/srv/shop'],
      ['compose-file', '/srv/shop/compose.yml', shop(SETTINGS)],
      ...engine(
        'v2',
        container('a', 'running', 'one', '/opt/shop', FILE),
        container('b', 'running', 'two', '/opt/shop', FILE),
        container('c', 'running', 'one', '/srv/shop', '/srv/shop/compose.yml'),
      ),
    );
    expect(sites.map((one) => [one.siteDir, one.settings['compose project']])).toEqual([
      ['/opt/shop', 'one'],
      ['/srv/shop', 'one'],
    ]);
  });

  it('of the vendor on a host without docker-compose are warned of', () => {
    const text =
      'services:\n  app:\n    image: shotgun-app:8.1.0\n    labels:\n      com.shotgunsoftware.component: app';
    expect(codes(['compose-file', FILE, text], ['compose', 'v2', '2.27.0'])).toEqual(['compose_v1_missing']);
    expect(codes(['compose-file', FILE, text], ['compose', 'v2', '2.27.0'], ['compose', 'v1', '1.29.2'])).toEqual([]);
  });
});
