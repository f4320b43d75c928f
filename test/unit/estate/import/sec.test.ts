import { describe, expect, it } from 'vitest';
import { diffEstate, diffInWords } from '../../../../src/estate/diff.ts';
import { readSecCluster } from '../../../../src/estate/import/sec-cluster.ts';
import { estateOfSec, type SecAnswers } from '../../../../src/estate/import/sec-estate.ts';
import { type EstateDocument, estateDocument } from '../../../../src/estate/types.ts';

/** The one file of the Docker generation that is public: github loney-liu/shotgun_in_vagrant. */
const PUBLIC = {
  json_class: 'Cluster',
  id: 'Shotgun_In_Vagrant',
  cluster_name: 'Shotgun In Vagrant',
  type: 'Production',
  nodes: [
    { name: 'Main', docker_url: 'unix:///var/run/docker.sock', network: 'production_default', tls_configuration: '' },
  ],
};
const read = (change: object = {}) => readSecCluster(JSON.stringify({ ...PUBLIC, ...change }), 'x.json');
const cluster = (change: object = {}) => {
  const it = read(change);
  if (!it.ok) throw new Error(it.error.message);
  return it.value;
};
const EMPTY = { clusters: [] };
const answers = (change: Partial<SecAnswers> = {}): SecAnswers => ({ addresses: new Map(), ...change });
const HOST = { addresses: new Map([['shotgun-in-vagrant-main', '10.0.0.5']]), user: 'twokey', keyFile: '/keys/fpt' };
const SITE = {
  siteDir: '/opt/shotgun/se/production',
  version: '7.6.0.0',
  dbHost: 'localhost',
  dbName: 'shotgun',
  dbUser: 'twokey',
};

describe('a cluster file of the console', () => {
  it('of the Docker generation is read', () => {
    expect(cluster()).toEqual({
      name: 'shotgun-in-vagrant',
      title: 'Shotgun In Vagrant',
      generation: 'docker',
      environment: 'production',
      nodes: [{ title: 'Main', host: 'shotgun-in-vagrant-main', place: { kind: 'console' }, folder: 'production' }],
      unknown: [],
      left: [],
    });
  });

  it('says a TCP agent’s address, and no secret: certificates and unknown values are named, never repeated', () => {
    const it = cluster({
      private_key: '-----BEGIN KEY-----hush',
      nodes: [
        { name: 'DB', docker_url: 'tcp://db.lan:2376', network: 'bridge', tls_configuration: 'hush', password: 'hush' },
      ],
    });
    expect(it.nodes).toEqual([
      { title: 'DB', host: 'shotgun-in-vagrant-db', place: { kind: 'address', address: 'db.lan' }, folder: null },
    ]);
    expect(it.unknown).toEqual(['"private_key" (a text)', 'nodes.0."password" (a text)']);
    expect(it.left).toHaveLength(2);
    expect(JSON.stringify(it)).not.toContain('hush');
  });

  it('of the generation before keeps what is known and reports the rest', () => {
    const it = cluster({ nodes: undefined, hosts: [{ ip: '10.0.0.1' }], settings: { a: 1 }, app_server: 'x' });
    expect(it).toMatchObject({ generation: 'apache', environment: 'production' });
    expect(it.nodes).toEqual([
      { title: 'Main', host: 'shotgun-in-vagrant-main', place: { kind: 'unknown' }, folder: null },
    ]);
    expect(it.unknown).toEqual(['"hosts" (a list of 1)', '"settings" (a group of keys)', '"app_server" (a text)']);
  });

  it.each<[string, object]>([
    ['json_class', { json_class: 'Operation' }],
    ['cluster_name', { cluster_name: 7 }],
    ['No name can be made', { cluster_name: '日本' }],
    ['nodes', { nodes: 'all' }],
    ['nodes.0.name', { nodes: [{ docker_url: 'unix:///x' }] }],
    ['docker_url', { nodes: [{ name: 'a', docker_url: 'ssh://x' }] }],
    ['docker_url', { nodes: [{ name: 'a', docker_url: 'tcp://-x' }] }],
    ['two nodes', { nodes: [{ name: 'a' }, { name: 'A' }] }],
  ])('is refused for %s: %o', (what, change) => {
    expect(read(change)).toMatchObject({
      error: { code: 'bad_configuration', message: expect.stringContaining(what) },
    });
  });

  it.each(['', '{', '[]', 'null', '7', '"x"'])('is refused when it is %j', (text) => {
    expect(readSecCluster(text, 'x.json')).toMatchObject({ error: { message: expect.stringMatching(/^x\.json: /) } });
  });
});

describe('the estate of a cluster', () => {
  const made = (given: Partial<SecAnswers>, change: object = {}, before: Parameters<typeof estateOfSec>[2] = EMPTY) => {
    const it = estateOfSec(cluster(change), answers(given), before);
    if (!it.ok) throw new Error(it.error.message);
    return it.value;
  };

  it('asks for what a file cannot say, with the option to write', () => {
    const it = made({});
    expect(it.cluster).toBeNull();
    expect(it.missingOfHosts.map((one) => `${one.option} ${one.value}`)).toEqual([
      '--address shotgun-in-vagrant-main=ADDRESS',
      '--user USER',
      '--key-file FILE',
    ]);
    expect(it.missingOfSite.map((one) => `${one.option} ${one.value}`)).toEqual([
      '--site-dir /opt/shotgun/se/production',
      '--version VERSION',
      '--db-host HOST',
      '--db-name NAME',
      '--db-user USER',
    ]);
  });

  it('is the hosts once they are complete, and the site once that is', () => {
    const hosts = made(HOST);
    expect(hosts.cluster).toMatchObject({
      name: 'shotgun-in-vagrant',
      hosts: [
        { name: 'shotgun-in-vagrant-main', address: '10.0.0.5', user: 'twokey', key_file: '/keys/fpt', host_keys: [] },
      ],
      sites: [],
    });
    const whole = made({ ...HOST, ...SITE });
    expect(whole.missingOfSite).toEqual([]);
    expect(whole.cluster?.sites).toMatchObject([
      {
        name: 'shotgun-in-vagrant',
        environment: 'production',
        profile: 'flow-production-tracking-docker',
        host: 'shotgun-in-vagrant-main',
        version: '7.6.0.0',
      },
    ]);
  });

  it('of several nodes asks which one the site is on, unless one is called Main', () => {
    const nodes = [
      { name: 'App', docker_url: 'tcp://10.0.0.1:2376' },
      { name: 'DB', docker_url: 'tcp://10.0.0.2:2376' },
    ];
    const login = { user: 'twokey', keyFile: '/k' };
    expect(made(login, { nodes }).missingOfSite.map((one) => one.option)).toContain('--main');
    expect(made({ ...login, ...SITE, main: 'shotgun-in-vagrant-app' }, { nodes }).cluster?.sites[0]?.host).toBe(
      'shotgun-in-vagrant-app',
    );
  });

  it('keeps what the estate has and the file knows nothing about, so that a second import needs no answers for hosts', () => {
    const first = made(HOST).cluster ?? expect.fail();
    const pinned = {
      clusters: [
        { ...first, hosts: first.hosts.map((host) => ({ ...host, host_keys: ['ssh-ed25519 AAAA'], port: 2200 })) },
      ],
    };
    const again = made({}, {}, pinned);
    expect(again.cluster?.hosts).toEqual(pinned.clusters[0]?.hosts);
    const { unchanged } = diffEstate(pinned, { clusters: again.cluster ? [again.cluster] : [] });
    expect(unchanged).toContain('host shotgun-in-vagrant-main');
  });

  it('refuses an answer for a host that the file does not have, and one that is not right', () => {
    expect(estateOfSec(cluster(), answers({ addresses: new Map([['other', '1.2.3.4']]) }), EMPTY).ok).toBe(false);
    expect(estateOfSec(cluster(), answers({ ...HOST, keyFile: 'keys/relative' }), EMPTY)).toMatchObject({
      error: { message: expect.stringContaining('key_file') },
    });
  });
});

it('a preview shows what is new, what changes field by field, and what stays', () => {
  const host = {
    name: 'h',
    address: '10.0.0.1',
    port: 22,
    user: 'a',
    roles: [],
    base: '/b',
    host_keys: [],
    key_file: '/k',
  };
  const document = (change: object) =>
    estateDocument.parse({ clusters: [{ name: 'c', hosts: [{ ...host, ...change }] }] });
  const words = (before: EstateDocument, after: EstateDocument) => diffInWords(diffEstate(before, after));
  expect(words(EMPTY, document({}))).toMatch(/^\+ cluster c\n\+ host h\n( {4}.*\n)* {4}address: 10\.0\.0\.1\n/);
  expect(words(document({}), document({ port: 2200 }))).toBe('~ host h\n    port: 22 → 2200\nunchanged: cluster c');
  expect(words(document({}), document({}))).toBe('nothing would change\nunchanged: cluster c, host h');
});
