import { describe, expect, it } from 'vitest';
import { candidateOf } from '../../../../src/estate/introspection/candidate.ts';
import { readInventory } from '../../../../src/estate/introspection/commcare.ts';
import { readConnections, readSockets } from '../../../../src/estate/introspection/database-connections.ts';
import { findSites } from '../../../../src/estate/introspection/find-sites.ts';
import { readUnits } from '../../../../src/estate/introspection/systemd.ts';
import { type FrameSpec, printedFrames } from '../../../support/frames.ts';

const finds = (...frames: FrameSpec[]) => findSites('h', printedFrames(['account', '-', 'ops'], ...frames));
const codes = (...frames: FrameSpec[]) => finds(...frames).findings.map((one) => one.code);

describe('environments of commcare-cloud', () => {
  const dir = '/home/cchq/environments/production';
  const inventory =
    '[web1]\n10.0.0.1:22 hostname=web1\n[db1]\n10.0.0.2 hostname=db1-production\n[webworkers:children]\nweb1\n[postgresql:children]\ndb1\n[celery:vars]\nswap_size=2G';
  const environment = (...more: FrameSpec[]) =>
    finds(
      ['name', '-', 'web1'],
      ['commcare', dir],
      ['inventory', `${dir}/inventory.ini`, inventory],
      ['commcare-yml', `${dir}/public.yml`, 'backup_postgres: dump\nSITE_HOST: hq.org'],
      ...more,
    );

  it('tell their hosts, their main database and the release', () => {
    const { sites, findings } = environment(
      ['commcare-yml', `${dir}/postgresql.yml`, 'dbs:\n  main:\n    user: cc'],
      ['commcare-code', '/home/cchq/www/production/current', '/home/cchq/www/production/releases/2026-11-01_10.00'],
    );
    expect(findings).toEqual([]);
    expect(sites).toMatchObject([
      {
        finder: 'commcare',
        label: 'production',
        siteDir: '/home/cchq/www/production',
        version: '2026-11-01_10.00',
        database: { host: '10.0.0.2', port: null, name: 'commcarehq', user: 'cc' },
        settings: { 'site host': 'hq.org', 'groups of this host': 'web1, webworkers', 'backup of postgres': 'dump' },
      },
    ]);
  });

  it('take a host string for a group or for a host, and say that the user is in the vault', () => {
    const named = environment([
      'commcare-yml',
      `${dir}/postgresql.yml`,
      'DEFAULT_POSTGRESQL_HOST: web1\ndbs:\n  main:\n    name: hq\n    port: 6432',
    ]);
    expect(named.sites[0]).toMatchObject({
      database: { host: '127.0.0.1', port: 6432, name: 'hq', user: null },
      databaseProblem: expect.stringContaining('vault.yml'),
    });
  });

  it('with what is wrong with them', () => {
    expect(
      codes(
        ['commcare', dir],
        ['inventory', `${dir}/inventory.ini`, '', 'absent'],
        ['commcare-yml', `${dir}/public.yml`, '', 'absent'],
      ),
    ).toEqual(['commcare_settings_missing', 'commcare_inventory_missing']);
    expect(codes(['commcare', dir, '', 'denied'])).toEqual(['unreadable_config']);
    expect(
      codes(
        ['name', '-', 'control'],
        ['commcare', dir],
        ['inventory', `${dir}/inventory.ini`, inventory],
        ['commcare-yml', `${dir}/public.yml`, 'a: ['],
      ),
    ).toEqual(['commcare_settings_unclear', 'commcare_host_elsewhere']);
    const broken = environment(
      ['commcare-code', '/home/cchq/www/production/current', '/x', 'broken'],
      ['commcare-yml', `${dir}/proxy.yml`, '', 'denied'],
    );
    expect(broken.findings.map((one) => one.code)).toEqual(['commcare_release_missing', 'unreadable_config']);
    expect(
      codes(
        ['commcare', dir],
        ['inventory', `${dir}/inventory.ini`, inventory],
        ['commcare-yml', `${dir}/public.yml`, 'SITE_HOST: x'],
      ),
    ).toContain('commcare_no_backup');
  });

  it('with groups that contain each other end where they began', () => {
    const { groups } = readInventory('[a:children]\nb\n[b:children]\na\nc\n[c]\nx');
    expect(groups.get('a')).toEqual(['x']);
    expect(groups.get('b')).toEqual(['x']);
  });
});

describe('KARL', () => {
  const base = '/home/karl/production';
  const ini = `${base}/current/etc/instances.ini`;

  it('has a site for each instance of the current build', () => {
    const { sites, findings } = finds(
      ['karl', base, '7', 'ok', ['build 6', 'build 7', 'supervisord yes']],
      [
        'karl-instances',
        ini,
        `[instance:osf]\ndsn = dbname='karl' host='db' user='k'\nvirtual_host = karl.org:80\n[x]\ndsn = dbname=no\n[instance:two]\ndsn = dbname=two user=k`,
      ],
      ['karl-ini', `${base}/current/etc/karlserve.ini`, '[server:main]\nport = 6543'],
    );
    expect(findings).toEqual([]);
    expect(sites).toMatchObject([
      {
        finder: 'karl',
        label: 'osf',
        siteDir: base,
        version: '7',
        database: { host: 'db', name: 'karl', user: 'k' },
        settings: { 'server port': '6543' },
      },
      { label: 'two', database: { host: 'localhost', name: 'two' } },
    ]);
  });

  it('with what is wrong with it', () => {
    expect(codes(['karl', base, '9', 'broken', ['build 7']])).toEqual(['karl_no_current']);
    expect(codes(['karl', base, '', 'absent', ['build 7']])).toEqual(['karl_no_current']);
    expect(codes(['karl', base, 'old', 'ok'], ['karl-instances', ini, '', 'absent'])).toEqual([
      'karl_odd_current',
      'karl_not_running',
      'karl_no_instances',
    ]);
    expect(
      codes(
        ['karl', base, `${base}/6`, 'ok', ['build 6', 'build 7', 'supervisord yes']],
        ['karl-instances', ini, '', 'denied'],
      ),
    ).toEqual(['unreadable_config', 'karl_newer_build']);
    expect(codes(['karl', base, '7', 'ok', ['supervisord yes']], ['karl-instances', ini, '[instance:osf]'])).toEqual([
      'karl_no_dsn',
    ]);
  });
});

describe('services of systemd', () => {
  const block = (id: string, more: string) => `Id=${id}.service\nActiveState=active\nMainPID=100\n${more}`;

  it('are read with their environment and its files', () => {
    expect(
      readUnits(
        block(
          'a',
          'User=u\nWorkingDirectory=!/srv/a\nEnvironment.PGHOST=db\nEnvironmentFiles=/etc/a b (ignore_errors=yes)\nEnvironmentFiles=/etc/c (ignore_errors=no)',
        ),
      ),
    ).toMatchObject([
      {
        id: 'a.service',
        user: 'u',
        workingDirectory: '/srv/a',
        active: 'active',
        pid: 100,
        environmentFiles: [
          { path: '/etc/a b', optional: true },
          { path: '/etc/c', optional: false },
        ],
      },
    ]);
    expect(
      readConnections(
        `0 0 [::ffff:10.0.0.1]:5000 [::ffff:10.0.0.2]:5432 users:(("a",pid=7,fd=3),("b",pid=8,fd=3)) uid:33 ino:1`,
      ),
    ).toEqual([{ host: '10.0.0.2', port: 5432, pids: [7, 8], uid: 33 }]);
  });

  it('are sites by a setting, by a file of settings, or by a connection that they hold', () => {
    const { sites } = finds(
      [
        'units',
        '-',
        [
          block('shop', 'WorkingDirectory=/srv/shop\nEnvironment.DATABASE_URL=postgres://u:MASKED@db/x'),
          block('filed', 'EnvironmentFiles=/etc/filed (ignore_errors=no)'),
          'Id=held.service\nActiveState=active\nMainPID=5',
          block('idle', ''),
          'Id=postgresql@15-main.service\nMainPID=9',
        ].join('\n\n'),
      ],
      ['env-file', '/etc/filed', 'PGDATABASE=filed'],
      [
        'connections',
        '-',
        '0 0 10.0.0.1:5000 10.0.0.2:5432 users:(("w",pid=6,fd=3)) uid:0\n0 0 1.1.1.1:1 10.0.0.2:5432 users:(("p",pid=9,fd=3))',
      ],
      ['pid-units', '-', '6 0 held.service\n9 0 postgresql@15-main.service'],
    );
    expect(sites.map((one) => [one.label, one.database.host, one.database.name])).toEqual([
      ['shop', 'db', 'x'],
      ['filed', null, 'filed'],
      ['held', '10.0.0.2', null],
    ]);
  });

  it.each([
    ['a folder in PGHOST', 'Environment.PGHOST=/run/pg\nEnvironment.PGDATABASE=x', '/run/pg', null],
    ['no host', 'Environment.PGDATABASE=x', null, null],
    ['an address without a host', 'Environment.DATABASE_URL=postgresql:///x', null, null],
    ['an address with host=', 'Environment.DATABASE_URL=postgresql:///x?host=/run/pg&port=5433', '/run/pg', 5433],
    ['an encoded folder', 'Environment.DATABASE_URL=postgres://%2Frun%2Fpg:5433/x', '/run/pg', 5433],
    ['its account named', 'Environment.DATABASE_URL=postgres://clerk@/x?host=%2Frun%2Fpg', '/run/pg', null],
  ])('reach a database by its socket: %s', (_how, environment, host, port) => {
    const { sites, findings } = finds([
      'units',
      '-',
      block('a', `User=clerk\nWorkingDirectory=/srv/a\n${environment}`),
    ]);
    expect(sites).toMatchObject([{ database: { host, port, name: 'x', user: 'clerk' }, login: 'ops' }]);
    expect(findings.map((one) => [one.code, one.mend])).toEqual([
      ['socket_login', 'sudo -u postgres createuser -g pg_read_all_data ops'],
    ]);
    const candidate = sites[0] && candidateOf(sites[0], 'h', new Set());
    expect(candidate?.document?.database).toMatchObject({
      host: host ?? '/var/run/postgresql',
      port: port ?? 5432,
      user: 'ops',
    });
    expect(candidate?.assumed.join(' ')).toContain('works on the database as ops, its own account there, not as clerk');
    expect(candidate?.assumed.join(' ').includes('the settings name no host')).toBe(host === null);
  });

  it('keep the role of a socket that asks for a password, and of the account itself', () => {
    for (const [user, role] of [
      ['clerk', 'ledger'],
      ['ops', 'ops'],
    ]) {
      const unit = block('a', `User=${user}\nWorkingDirectory=/srv/a\nEnvironment.DATABASE_URL=postgres://${role}@/x`);
      const { sites, findings } = finds(['units', '-', unit]);
      expect(findings).toEqual([]);
      expect(sites[0] && candidateOf(sites[0], 'h', new Set()).document?.database.user).toBe(role);
    }
  });

  it('are known by the socket that they hold, and those of others are UNKNOWN', () => {
    expect(readSockets('/run/a b/.s.PGSQL.6432 pid=7 pid=8 pid=7\n/run/x/.s.PGSQL\nnonsense')).toEqual([
      { host: '/run/a b', port: 6432, pids: [7, 8], uid: null },
    ]);
    const { sites, findings } = finds(
      ['units', '-', 'Id=held.service\nActiveState=active\nMainPID=5\nUser=clerk'],
      ['sockets', '-', '/run/pg/.s.PGSQL.5433 pid=6\n/run/pg/.s.PGSQL.5433'],
      ['pid-units', '-', '6 0 held.service'],
    );
    expect(sites).toMatchObject([{ label: 'held', database: { host: '/run/pg', port: 5433, name: null } }]);
    expect(sites[0]?.databaseProblem).toContain('no setting that may be read names its database');
    expect(findings.map((one) => `${one.code} ${one.subject}`)).toEqual([
      'connection_of_unknown /run/pg:5433',
      'socket_login held.service',
    ]);
  });

  it('that cannot be told are UNKNOWN, and a failed one is said', () => {
    expect(codes(['connections', '-', '0 0 10.0.0.1:5000 10.0.0.2:5432 uid:33 ino:1'])).toEqual([
      'connection_of_unknown',
    ]);
    expect(
      codes(
        ['units', '-', block('a', 'EnvironmentFiles=/etc/a (ignore_errors=no)')],
        ['env-file', '/etc/a', '', 'denied'],
      ),
    ).toEqual(['unreadable_config']);
    expect(codes(['units', '-', 'Id=a.service\nActiveState=failed\nMainPID=0\nEnvironment.PGDATABASE=a'])).toEqual([
      'unit_failed',
    ]);
  });
});
