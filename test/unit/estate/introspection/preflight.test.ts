import { describe, expect, it } from 'vitest';
import { driftOf } from '../../../../src/estate/introspection/drift.ts';
import { factsOf, guessRoles, settingsOfSite, siteSubject } from '../../../../src/estate/introspection/facts.ts';
import { findSites } from '../../../../src/estate/introspection/find-sites.ts';
import { compareDotted, judgeHost } from '../../../../src/estate/introspection/preflight.ts';
import { type FrameSpec, printedFrames } from '../../../support/frames.ts';
import { questionContext } from '../../../support/question-context.ts';

const GOOD: FrameSpec[] = [
  ['os', '/etc/os-release', 'ID="centos"\nVERSION_ID="7"\nPRETTY_NAME="CentOS Linux 7"'],
  ['uname', '-', 'Linux 3.10.0-1160.el7 x86_64'],
  ['account', '-', 'ops'],
  ['clock', '-', '1795268299'],
  ['synchronised', '-', 'yes'],
  ['cpus', '-', '8'],
  ['memory', '-', 'MemTotal:       65807232 kB\nSwapTotal:       0 kB'],
  [
    'disks',
    '-',
    'Filesystem 1024-blocks Used Available Capacity Mounted on\n/dev/sda1 1000000 100 100 12% /\ntmpfs 1 1 1 99% /run\n/dev/sdb 10 1 1 50% /a b',
  ],
  ['ports', '-', 'LISTEN 0 128 127.0.0.1:5432 0.0.0.0:*\nLISTEN 0 128 [::1]:11211 [::]:*\nLISTEN 0 5 *:80 *:*'],
  ['selinux', '-', 'Permissive'],
  ['docker-socket', 's'],
  ['docker', '-', '20.10.24+dfsg1'],
  ['compose', 'v1', '1.29.2'],
];
const look = (...frames: FrameSpec[]) => findSites('h', printedFrames(...frames));
/** The good host with some frames in place of its own. */
const changed = (...frames: FrameSpec[]) => {
  const kinds = new Set(frames.map((frame) => frame[0]));
  return look(...GOOD.filter((frame) => !kinds.has(frame[0])), ...frames).system;
};
const stateOf = (system: ReturnType<typeof changed>, check: string, offset: number | null = 0) =>
  judgeHost(system, offset).find((row) => row.check === check)?.state;

describe('a host before it is used', () => {
  it('as the vendor wants it is all OK', () => {
    const rows = judgeHost(look(...GOOD).system, 0);
    expect(rows.filter((row) => row.state !== 'OK')).toEqual([]);
    expect(rows.map((row) => row.check)).toEqual([
      'system',
      'kernel',
      'processors',
      'memory',
      'docker',
      'compose',
      'SELinux',
      'disk /',
      'disk /a b',
      'inner ports',
      'clock',
    ]);
    for (const row of rows) expect(row.source).not.toBe('');
  });

  it('P5 that tells nothing is UNKNOWN in everything, never OK', () => {
    const rows = judgeHost(look().system, null);
    expect(rows.filter((row) => row.state !== 'UNKNOWN')).toEqual([]);
    expect(rows.length).toBeGreaterThan(9);
  });

  it.each<[string, FrameSpec[], string, string]>([
    ['another system', [['os', 'x', 'ID=debian\nVERSION_ID="12"']], 'system', 'WARN'],
    ['an old kernel', [['uname', '-', 'Linux 2.6.32 x86_64']], 'kernel', 'CRIT'],
    ['few processors', [['cpus', '-', '5']], 'processors', 'WARN'],
    ['little memory', [['memory', '-', 'MemTotal: 33554432 kB']], 'memory', 'WARN'],
    ['an old engine', [['docker', '-', '1.13.1']], 'docker', 'CRIT'],
    [
      'an engine that does not answer this account',
      [
        ['docker-socket', 's', '', 'denied'],
        ['docker', '-', '', 'failed'],
      ],
      'docker',
      'UNKNOWN',
    ],
    [
      'no engine',
      [
        ['docker-socket', 's', '', 'absent'],
        ['docker', '-', '', 'absent'],
      ],
      'docker',
      'WARN',
    ],
    ['an old compose', [['compose', 'v1', '1.9.0']], 'compose', 'CRIT'],
    ['SELinux that enforces', [['selinux', '-', 'Enforcing']], 'SELinux', 'WARN'],
    ['no SELinux', [['selinux', '-', '', 'absent']], 'SELinux', 'OK'],
    ['a disk at 80 %', [['disks', '-', '/dev/sda1 1 1 1 80% /']], 'disk /', 'WARN'],
    ['a disk at 90 %', [['disks', '-', '/dev/sda1 1 1 1 90% /']], 'disk /', 'CRIT'],
    ['an open database', [['ports', '-', 'LISTEN 0 128 0.0.0.0:5432 0.0.0.0:*']], 'inner ports', 'CRIT'],
    ['an open cache over IPv6', [['ports', '-', 'LISTEN 0 128 [::]:11211 [::]:*']], 'inner ports', 'CRIT'],
    ['a clock nobody sets', [['synchronised', '-', 'no']], 'clock', 'WARN'],
    ['a clock of which nobody says who sets it', [['synchronised', '-', '', 'absent']], 'clock', 'UNKNOWN'],
  ])('with %s is told so', (_name, frames, check, state) => {
    expect(stateOf(changed(...frames), check)).toBe(state);
  });

  it.each([
    [0, 'OK'],
    [1, 'OK'],
    [-2, 'WARN'],
    [5, 'CRIT'],
    [-3_600, 'CRIT'],
    [null, 'UNKNOWN'],
  ])('whose clock is %s s away is %s', (offset, state) => {
    expect(stateOf(changed(), 'clock', offset)).toBe(state);
  });

  it('compares versions by their numbers', () => {
    expect(compareDotted('3.9', '3.10')).toBeLessThan(0);
    expect(compareDotted('20.10.24+dfsg1', '17')).toBeGreaterThan(0);
    expect(compareDotted('1.13', '1.13.0')).toBe(0);
  });
});

describe('facts of a host', () => {
  const vhost = '<VirtualHost *:80>\nServerName a.com\nDocumentRoot /var/rails/com_a/public\n</VirtualHost>';
  const apache: FrameSpec[] = [
    ['rails', '/var/rails/com_a'],
    ['vhost', '/etc/httpd/conf.d/com_a.conf', vhost],
    ['database', '/var/rails/com_a/config/database.yml', 'production:\n  pool: 5\n  database: a'],
  ];

  it('leave out what is not known, so that what was known before stays', () => {
    expect(factsOf(look())).toEqual([]);
    const facts = factsOf(look(...GOOD, ...apache));
    expect(facts).toContainEqual({ subject: '', name: 'os', value: 'CentOS Linux 7' });
    expect(facts).toContainEqual({
      subject: siteSubject('/var/rails/com_a', 'a.com'),
      name: 'database pool',
      value: '5',
    });
    expect(guessRoles(look(...GOOD, ...apache))).toEqual(['app', 'db', 'cache']);
  });

  it('of one site are told from those of another in the same folder by the database', () => {
    const fact = (label: string, name: string, value: string) => ({
      subject: siteSubject('/srv/karl', label),
      name,
      value,
    });
    const facts = [
      fact('a', 'database name', 'one'),
      fact('a', 'x', '1'),
      fact('b', 'database name', 'two'),
      fact('b', 'x', '2'),
    ];
    expect(settingsOfSite(facts, '/srv/karl', 'two')).toMatchObject({ x: '2' });
    expect(settingsOfSite(facts, '/srv/karl', 'three')).toEqual({});
    expect(settingsOfSite(facts, '/srv', 'two')).toEqual({});
  });

  it('of two sites are compared: what differs, what is the same, what is not known', () => {
    const site = questionContext().estate.sites.get('acme');
    if (!site) throw new Error('no site');
    const left = {
      site,
      region: 'de',
      facts: [
        { subject: '', name: 'os', value: 'CentOS 7' },
        { subject: '', name: 'kernel', value: '3.10' },
        { subject: '', name: 'docker', value: '20' },
      ],
    };
    const right = {
      site: { ...site, version: '8.2.0' },
      region: null,
      facts: [
        { subject: '', name: 'os', value: 'Debian 12' },
        { subject: '', name: 'kernel', value: '3.10' },
      ],
    };
    const drift = driftOf(left, right);
    expect(drift.differs).toEqual([
      { what: 'version in the estate', left: '8.1.0', right: '8.2.0' },
      { what: 'os', left: 'CentOS 7', right: 'Debian 12' },
    ]);
    expect(drift.unknown).toEqual([
      { what: 'data region', left: 'de', right: null },
      { what: 'docker', left: '20', right: null },
    ]);
    expect(drift.same).toEqual(['profile', 'kernel']);
    const regions = (one: string | null, other: string | null) =>
      driftOf({ ...left, region: one }, { ...right, region: other });
    expect(regions('de', 'us').differs).toContainEqual({ what: 'data region', left: 'de', right: 'us' });
    expect(regions('de', 'de').same).toContain('data region');
    // That nobody has said either is not that they are the same.
    expect(regions(null, null).unknown).toContainEqual({ what: 'data region', left: null, right: null });
  });
});
