import { execFileSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { clusterFindings, findSites } from '../../../../src/estate/introspection/find-sites.ts';
import { readVhosts } from '../../../../src/estate/introspection/vhost.ts';
import { type FrameSpec, printedFrames } from '../../../support/frames.ts';

const CONF = '/etc/httpd/conf.d';
const vhost = (name: string, root: string, listen = '*:80') =>
  `<VirtualHost ${listen}>\nServerName ${name}\nDocumentRoot ${root}\n</VirtualHost>`;
/** A host on which everything is as the console wants it, and what is added to it. */
const host = (...frames: FrameSpec[]) =>
  findSites(
    'h',
    printedFrames(
      ['account', '-', 'ops'],
      ['httpd', '-', '/usr/sbin/httpd'],
      ['conf-dir', CONF],
      ['rails-dir', '/var/rails'],
      ...frames,
    ),
  );
const whole = (reverse: string, name: string): FrameSpec[] => [
  ['vhost', `${CONF}/${reverse}.conf`, vhost(name, `/var/rails/${reverse}/public`)],
  ['rails', `/var/rails/${reverse}`],
  [
    'database',
    `/var/rails/${reverse}/config/database.yml`,
    `production:\n  adapter: postgresql\n  database: ${reverse}\n  username: rails`,
    'ok',
    ['mode -rw-r-----'],
  ],
];
const codes = (finds: ReturnType<typeof host>) => finds.findings.map((one) => one.code);

describe('the layout of the older console', () => {
  it('without a fault has no finding', () => {
    const finds = host(...whole('com_a', 'a.com'));
    expect(finds.findings).toEqual([]);
    expect(finds.sites).toMatchObject([{ label: 'a.com', database: { host: null, name: 'com_a', user: 'rails' } }]);
  });

  it.each<[string, FrameSpec[], string, string | null]>([
    [
      'httpd elsewhere',
      [
        ['httpd', '-', '', 'failed 1'],
        ['httpd-elsewhere', '-', '/opt/a b/bin/httpd'],
      ],
      'httpd_not_on_path',
      `echo 'export PATH="$PATH":'\\''/opt/a b/bin'\\''' | sudo tee /etc/profile.d/httpd.sh`,
    ],
    [
      'httpd as Debian has it',
      [
        ['httpd', '-', '', 'failed 1'],
        ['httpd-elsewhere', '-', '/usr/sbin/apache2'],
      ],
      'httpd_not_on_path',
      'sudo ln -s /usr/sbin/apache2ctl /usr/local/bin/httpd',
    ],
    [
      'no httpd',
      [
        ['httpd', '-', '', 'failed 1'],
        ['httpd-elsewhere', '-'],
      ],
      'httpd_missing',
      null,
    ],
    [
      'no answer about httpd',
      [['httpd', '-', '', 'timeout']],
      'httpd_unknown',
      `bash -c 'source /etc/profile && which httpd'`,
    ],
  ])('%s', (_name, frames, code, mend) => {
    const finds = findSites('h', printedFrames(...frames, ['rails-dir', '/var/rails'], ...whole('com_a', 'a.com')));
    expect(finds.findings.filter((one) => one.code !== 'look_incomplete')).toMatchObject([{ code, mend }]);
  });

  it.each(['/opt/a b', '/opt/$(touch x)', '/opt/"; touch x; "', "/opt/'`touch x`'", '/opt/$HOME'])(
    'P8 a folder named %s becomes no syntax: not in the proposed command, and not in the profile that it writes',
    (folder) => {
      const frames: FrameSpec[] = [
        ['httpd', '-', '', 'failed 1'],
        ['httpd-elsewhere', '-', `${folder}/httpd`],
      ];
      const { findings } = findSites(
        'h',
        printedFrames(...frames, ['rails-dir', '/var/rails'], ...whole('com_a', 'a.com')),
      );
      const mend = findings.find((one) => one.code === 'httpd_not_on_path')?.mend ?? '';
      const sh = (script: string) =>
        execFileSync('/bin/sh', ['-c', script], { env: { PATH: '/nowhere', HOME: '/root' }, encoding: 'utf8' });
      const line = sh(mend.replace('| sudo tee /etc/profile.d/httpd.sh', ''));
      expect(sh(`${line}printf %s "$PATH"`)).toBe(`/nowhere:${folder}`);
    },
  );

  it.each<[string, FrameSpec[], string, string | null]>([
    [
      'the code is elsewhere',
      [['vhost', `${CONF}/com_b.conf`, vhost('b.com', '/srv/code b/public')]],
      'wrong_path',
      `sudo ln -s -- '/srv/code b' /var/rails/com_b && sudoedit -- ${CONF}/com_b.conf && sudo apachectl configtest && sudo systemctl reload httpd`,
    ],
    [
      'another folder is served',
      [...whole('com_b', 'b.com').slice(1), ['vhost', `${CONF}/com_b.conf`, vhost('b.com', '/var/rails/old/public')]],
      'wrong_path',
      `sudoedit -- ${CONF}/com_b.conf && sudo apachectl configtest && sudo systemctl reload httpd`,
    ],
    [
      'a link',
      [
        ['vhost', `${CONF}/com_b.conf`, vhost('b.com', '/var/rails/com_b/public')],
        ['rails', '/var/rails/com_b', '/srv/b'],
      ],
      'site_symlinked',
      null,
    ],
    [
      'a link to nothing',
      [
        ['vhost', `${CONF}/com_b.conf`, vhost('b.com', '/var/rails/com_b/public')],
        ['rails', '/var/rails/com_b', '/srv/b', 'broken'],
      ],
      'site_link_broken',
      'ls -ld -- /srv/b',
    ],
    [
      'a file of another name',
      [
        ['vhost', `${CONF}/shop.conf`, vhost('b.com', '/var/rails/com_b/public')],
        ['rails', '/var/rails/com_b'],
      ],
      'vhost_misnamed',
      `sudo mv -n -- ${CONF}/shop.conf ${CONF}/com_b.conf && sudo apachectl configtest && sudo systemctl reload httpd`,
    ],
    [
      'two of one name',
      [...whole('com_b', 'b.com'), ['vhost', `${CONF}/com_b_old.conf`, vhost('b.com', '/var/rails/com_b/public')]],
      'two_vhosts',
      `grep -n -e ServerName -e ServerAlias -- ${CONF}/com_b.conf ${CONF}/com_b_old.conf`,
    ],
    [
      'no name',
      [['vhost', `${CONF}/x.conf`, '<VirtualHost *:80>\nDocumentRoot /var/rails/x/public\n</VirtualHost>']],
      'vhost_without_name',
      null,
    ],
    [
      'a name that is none',
      [['vhost', `${CONF}/x.conf`, vhost('$(x)', '/var/rails/x/public')]],
      'bad_server_name',
      null,
    ],
    [
      'a folder nobody serves',
      [['rails', '/var/rails/com_c']],
      'rails_without_vhost',
      'grep -rn -e ServerName -e DocumentRoot /etc/httpd/conf.d /etc/apache2/sites-enabled',
    ],
    ['an unclosed block', [['vhost', `${CONF}/x.conf`, '<VirtualHost *:80>']], 'vhost_unclear', null],
    [
      'a denied file',
      [['vhost', `${CONF}/x.conf`, '', 'denied']],
      'unreadable_config',
      `sudo setfacl -m u:ops:rX -- ${CONF}/x.conf`,
    ],
    [
      'a denied folder',
      [['conf-dir', '/etc/httpd/vhosts.d', '', 'denied']],
      'unreadable_config',
      'sudo setfacl -m u:ops:rX -- /etc/httpd/vhosts.d',
    ],
    [
      'no settings',
      [...whole('com_b', 'b.com').slice(0, 2), ['database', '/var/rails/com_b/config/database.yml', '', 'absent']],
      'no_database_settings',
      null,
    ],
    [
      'open settings',
      [
        ...whole('com_b', 'b.com').slice(0, 2),
        ['database', '/var/rails/com_b/config/database.yml', 'production:\n  database: b', 'ok', ['mode -rw-r--r--']],
      ],
      'settings_world_readable',
      'sudo chmod o-r -- /var/rails/com_b/config/database.yml',
    ],
    [
      'settings of a program',
      [
        ...whole('com_b', 'b.com').slice(0, 2),
        ['database', '/var/rails/com_b/config/database.yml', `production:\n  database: <%= ENV['DB'] %>`],
      ],
      'database_settings_unclear',
      null,
    ],
    [
      'settings that are no YAML',
      [...whole('com_b', 'b.com').slice(0, 2), ['database', '/var/rails/com_b/config/database.yml', 'a: [']],
      'database_settings_unclear',
      null,
    ],
  ])('%s is a finding of its own', (_name, frames, code, mend) => {
    const finding = host(...frames).findings.find((one) => one.code === code);
    expect(finding).toMatchObject({ code, mend });
    expect(finding?.meaning).toMatch(/^\S.*\.$/);
  });

  it('the same name on another port, and virtual hosts of something else, are no finding', () => {
    const tls = vhost('a.com', '/var/rails/com_a/public', '*:443');
    const finds = host(
      ...whole('com_a', 'a.com'),
      ['vhost', `${CONF}/com_a_tls.conf`, tls],
      ['vhost', `${CONF}/000-default.conf`, '<VirtualHost *:80>\nDocumentRoot /var/www/html\n</VirtualHost>'],
    );
    expect(codes(finds)).toEqual([]);
    expect(finds.sites).toHaveLength(1);
  });

  it('another virtual host of the same site is looked at too, and what could not be read is not missed', () => {
    const tls = vhost('a.com', '/srv/other/public', '*:443');
    expect(codes(host(...whole('com_a', 'a.com'), ['vhost', `${CONF}/com_a_tls.conf`, tls]))).toEqual(['wrong_path']);
    const hidden = host(['rails', '/var/rails/com_b'], ['vhost', `${CONF}/com_b.conf`, '', 'denied']);
    expect(codes(hidden)).toEqual(['unreadable_config']);
  });

  it('two sites on one database are said aloud', () => {
    const one = host(...whole('com_a', 'a.com'));
    const [site] = one.sites;
    if (!site) throw new Error('no site');
    const other = { ...site, siteDir: '/var/rails/com_a_staging', label: 'staging.a.com' };
    const found = clusterFindings([{ ...one, sites: [site, other] }]);
    expect(found.map((it) => it.code)).toEqual(['shared_database', 'co_hosted']);
    expect(found[0]).toMatchObject({ severity: 'critical', subject: 'h:5432/com_a' });
    const job = { when: '0 3 * * *', program: '/opt/karl/bin/gsa_sync', locked: true };
    const jobs = [
      { ...one, sites: [], jobs: [job] },
      { ...one, host: 'h2', sites: [], jobs: [job] },
    ];
    expect(clusterFindings(jobs)).toMatchObject([{ code: 'job_on_two_hosts', subject: job.program }]);
  });
});

describe('a virtual host', () => {
  it('is read with names, root, environment and TLS', () => {
    const text =
      '<VirtualHost 10.0.0.1:443>\n ServerName "https://A.com:443"\n serveralias b.com c.com\nDocumentRoot "/a b"\nPassengerAppEnv staging\nSSLEngine On\n</VirtualHost>';
    expect(readVhosts('f', text)).toEqual({
      hosts: [
        {
          file: 'f',
          listen: '10.0.0.1:443',
          serverName: 'a.com',
          aliases: ['b.com', 'c.com'],
          documentRoot: '/a b',
          environment: 'staging',
          tls: true,
        },
      ],
      problems: [],
    });
  });
});
