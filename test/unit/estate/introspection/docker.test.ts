import { describe, expect, it } from 'vitest';
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
});
