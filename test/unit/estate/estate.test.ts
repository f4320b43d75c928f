import { describe, expect, it } from 'vitest';
import { buildEstate, findHost, findSite } from '../../../src/estate/estate.ts';
import { sharingWithProduction } from '../../../src/estate/sharing.ts';
import { estateDocument } from '../../../src/estate/types.ts';
import { didYouMean } from '../../../src/kernel/did-you-mean.ts';
import { estate, hostInput, siteInput, siteOf } from '../../support/builders.ts';

function complaint(clusters: readonly object[]): string {
  const built = buildEstate(estateDocument.parse({ clusters }));
  return built.ok ? 'accepted' : `${built.error.code}: ${built.error.message}`;
}

const one = { name: 'one', hosts: [hostInput('db1')], sites: [siteInput('acme', 'db1')] };

describe('an estate', () => {
  it('joins sites to their hosts and both to their cluster', () => {
    const built = estate([hostInput('db1'), hostInput('db2', { jump: 'db1' })], [siteInput('acme', 'db2')]);
    expect(siteOf(built, 'acme')).toMatchObject({
      cluster: 'main',
      hostOf: { name: 'db2', cluster: 'main', jump: 'db1' },
    });
    expect([...built.hosts.keys()]).toEqual(['db1', 'db2']);
  });

  it('may have sites in one cluster on hosts of another', () => {
    expect(complaint([one, { name: 'two', hosts: [hostInput('db2')], sites: [siteInput('blue', 'db1')] }])).toBe(
      'accepted',
    );
  });

  it.each([
    [
      'a host twice in a cluster',
      [{ ...one, hosts: [hostInput('db1'), hostInput('db1')] }],
      'host "db1" appears twice',
    ],
    ['a host in two clusters', [one, { ...one, name: 'two', sites: [] }], 'host "db1" appears twice'],
    [
      'a site twice',
      [one, { name: 'two', hosts: [hostInput('db2')], sites: [siteInput('acme', 'db2')] }],
      'site "acme" appears twice',
    ],
    ['a cluster twice', [one, { name: 'one', hosts: [hostInput('db2')] }], 'cluster "one" appears twice'],
    ['a site on no host', [{ ...one, sites: [siteInput('acme', 'db9')] }], 'names the host "db9", which is not there'],
    [
      'a jump over a host without a shell',
      [{ ...one, hosts: [hostInput('db1', { jump: 'box' }), { name: 'box', address: 'box', shell: 'none' }] }],
      'jumps over "box", which has no shell',
    ],
    ['a jump over no host', [{ ...one, hosts: [hostInput('db1', { jump: 'gate' })] }], 'jumps over "gate"'],
  ])('is refused with %s', (_name, clusters, said) => {
    expect(complaint(clusters)).toContain('bad_configuration');
    expect(complaint(clusters)).toContain(said);
  });
});

describe('a document', () => {
  const refused: [string, object, object][] = [
    ['an unknown key', hostInput('db1', { adress: 'x' }), {}],
    ['a name with a space', hostInput('db 1'), {}],
    ['a name that begins with a dash', hostInput('-db1'), {}],
    ['an address with a shell in it', hostInput('db1', { address: 'a;id' }), {}],
    ['an option for an address', hostInput('db1', { address: '$(id)' }), {}],
    ['a relative key file', hostInput('db1', { key_file: 'key' }), {}],
    ['an address that begins with a dash', hostInput('db1', { address: '-oProxyCommand=id' }), {}],
    ['neither key nor agent', hostInput('db1', { key_file: undefined }), {}],
    ['both key and agent', hostInput('db1', { agent: true }), {}],
    [
      'a passphrase for an agent',
      hostInput('db1', { key_file: undefined, agent: true, key_passphrase_secret: 'k' }),
      {},
    ],
    ['a certificate for the library', hostInput('db1', { certificate_file: '/etc/twokey/key-cert.pub' }), {}],
    ['an authority for the library', hostInput('db1', { host_ca: ['ssh-ed25519 AAAA'] }), {}],
    ['a token in a path for ssh', hostInput('db1', { transport: 'openssh', key_file: '/keys/%u' }), {}],
    ['a way out of the folder', hostInput('db1', { base: '/var/tmp/../../etc' }), {}],
    ['a port that is none', hostInput('db1', { port: 0 }), {}],
    ['no disruptive operation at a time', hostInput('db1', { disruptive_at_once: 0 }), {}],
    ['too many disruptive operations at a time', hostInput('db1', { disruptive_at_once: 21 }), {}],
    ['a role nobody knows', hostInput('db1', { roles: ['boss'] }), {}],
    ['a shell without an account', { name: 'db1', address: 'db1', key_file: '/key' }, {}],
    ['a shell without a key', { name: 'db1', address: 'db1', user: 'app' }, {}],
    ['a shell nobody knows', hostInput('db1', { shell: 'fish' }), {}],
    ['a site folder with a line feed', hostInput('db1'), siteInput('acme', 'db1', { site_dir: '/srv/a\nb' })],
    ['a version with a slash', hostInput('db1'), siteInput('acme', 'db1', { version: '../8' })],
    [
      'a database that is an option',
      hostInput('db1'),
      siteInput('acme', 'db1', { database: { host: 'x', name: '-h', user: 'u' } }),
    ],
  ];

  it('with each way to log in is accepted', () => {
    const agent = { key_file: undefined, agent: true };
    const certificates = { certificate_file: '/k-cert.pub', host_ca: ['ssh-ed25519 AAAA'] };
    for (const change of [
      { key_passphrase_secret: 'db1-key' },
      agent,
      { ...agent, agent: '/run/agent.sock' },
      { transport: 'openssh', ...certificates },
      { transport: 'openssh', ...agent, ...certificates },
    ]) {
      const document = { clusters: [{ name: 'main', hosts: [hostInput('db1', change)] }] };
      expect(estateDocument.safeParse(document).error?.message).toBeUndefined();
    }
  });

  it.each(refused)('with %s is refused', (_name, host, site) => {
    const sites = Object.keys(site).length > 0 ? [site] : [];
    expect(estateDocument.safeParse({ clusters: [{ name: 'main', hosts: [host], sites }] }).success).toBe(false);
    const good = { clusters: [{ name: 'main', hosts: [hostInput('db1')], sites: [siteInput('acme', 'db1')] }] };
    expect(estateDocument.safeParse(good).success).toBe(true);
  });
});

describe('a name that is not there', () => {
  const built = estate([hostInput('db-north')], [siteInput('acme-shop', 'db-north'), siteInput('blue', 'db-north')]);

  it('is refused with the nearest one', () => {
    expect(findSite(built, 'acme-shop')).toMatchObject({ ok: true, value: { name: 'acme-shop' } });
    expect(findSite(built, 'acme-shp')).toMatchObject({
      ok: false,
      error: { code: 'unknown_site', message: 'There is no site "acme-shp". Did you mean `acme-shop`?' },
    });
    expect(findHost(built, 'db-nort')).toMatchObject({
      ok: false,
      error: { code: 'unknown_host', message: expect.stringContaining('`db-north`') },
    });
  });

  it('is refused without a hint when nothing is near', () => {
    expect(findSite(built, 'warehouse')).toMatchObject({ error: { message: 'There is no site "warehouse".' } });
    expect(findSite(estate([hostInput('db1')], []), 'acme')).toMatchObject({ ok: false });
  });
});

describe('didYouMean', () => {
  it.each([
    ['backp', 'backup'],
    ['BACKUP', 'backup'],
    ['hist', 'history'],
    ['b', 'backup'],
    ['restart', undefined],
    ['', undefined],
  ])('%j: %s', (word, near) => {
    expect(didYouMean(word, ['backup', 'history', 'status'])).toBe(near);
  });

  it('offers nothing when there is nothing', () => {
    expect(didYouMean('backup', [])).toBeUndefined();
  });
});

describe('a staging site counts as production', () => {
  const db = (host: string, port = 5432) => ({ database: { host, port, name: 'app', user: 'backup' } });
  const shares = (hosts: readonly object[], production: object, staging: object): string | null => {
    const built = estate(hosts, [production, staging]);
    expect(sharingWithProduction(built, siteOf(built, 'prod'))).toBeNull();
    return sharingWithProduction(built, siteOf(built, 'stage'))?.what ?? null;
  };
  const two = [hostInput('h1'), hostInput('h2')];
  const stage = (host: string, more: object) => siteInput('stage', host, { environment: 'staging', ...more });

  it.each<[string, string | null, readonly object[], object, object]>([
    ['on the same host', 'host', two, siteInput('prod', 'h1'), stage('h1', db('localhost', 5433))],
    [
      'on the same server under another name',
      'host',
      [hostInput('h1'), hostInput('h2', { address: 'h1.example.com' })],
      siteInput('prod', 'h1'),
      stage('h2', db('localhost', 5433)),
    ],
    [
      'with the same remote database server',
      'PostgreSQL cluster',
      two,
      siteInput('prod', 'h1', db('pg.example.com')),
      stage('h2', db('pg.example.com')),
    ],
    [
      'whose database server is the other’s host',
      'PostgreSQL cluster',
      two,
      siteInput('prod', 'h1'),
      stage('h2', db('h1.example.com')),
    ],
    ['not with a server of its own', null, two, siteInput('prod', 'h1'), stage('h2', db('localhost'))],
    [
      'not with another port of one server',
      null,
      two,
      siteInput('prod', 'h1', db('pg.example.com')),
      stage('h2', db('pg.example.com', 5433)),
    ],
    [
      'not with the same socket folder elsewhere',
      null,
      two,
      siteInput('prod', 'h1', db('/run/postgresql')),
      stage('h2', db('/run/postgresql')),
    ],
  ])('%s: %s', (_name, expected, hosts, production, staging) => {
    expect(shares(hosts, production, staging)).toBe(expected);
  });
});
