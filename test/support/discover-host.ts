import type { WholeHost } from './whole-host.ts';

/** Password of every account in the settings on the host; it must never be seen anywhere else. */
export const HOST_SECRET = 'oder-neisse-4711-geheim';

const vhost = (name: string, reverse: string) => `<VirtualHost *:80>
  ServerName ${name}
  DocumentRoot /var/rails/${reverse}/public
  SetEnv SECRET_KEY_BASE ${HOST_SECRET}
</VirtualHost>
`;
const databaseYml = (name: string) => `default: &default
  adapter: postgresql
  encoding: unicode
  pool: ${name === 'app' ? 5 : 20}
production:
  <<: *default
  host: 127.0.0.1
  database: ${name}
  username: twokey_backup
  password: ${HOST_SECRET}
`;

/** Two sites, production and staging. */
export const SITES = [
  { name: 'target.teststudio.com', reverse: 'com_teststudio_target', database: 'app', version: '8.1.0' },
  {
    name: 'target-staging.teststudio.com',
    reverse: 'com_teststudio_target_staging',
    database: 'app_staging',
    version: '8.2.0',
  },
];

/** Files of a host, by their paths: what the layouts expect, as their public documentation has them. */
function files(host: WholeHost): Readonly<Record<string, string>> {
  const rails = SITES.flatMap(({ name, reverse, database, version }) => [
    [`/etc/httpd/conf.d/${reverse}.conf`, vhost(name, reverse)],
    [`/var/rails/${reverse}/config/database.yml`, databaseYml(database)],
    [`/var/rails/${reverse}/VERSION`, `${version}\n`],
    [`/var/rails/${reverse}/public/index.html`, `${reverse}\n`],
  ]);
  return Object.fromEntries([
    ...rails,
    ['/etc/apache2/conf-enabled/httpd.conf', 'IncludeOptional /etc/httpd/conf.d/*.conf\n'],
    [
      '/etc/systemd/system/reporter.service',
      `[Service]
User=postgres
WorkingDirectory=/srv/reporter
Environment=DATABASE_URL=postgres://twokey_backup:${HOST_SECRET}@127.0.0.1:5432/app NODE_ENV=production
ExecStart=/usr/bin/psql --no-psqlrc -h 127.0.0.1 -d \${DATABASE_URL} -c 'select pg_sleep(3600)'
`,
    ],
    [
      '/etc/systemd/system/ledger-staging.service',
      `[Service]
User=ledger
WorkingDirectory=/srv/ledger
Environment=DATABASE_URL=postgresql:///ledger?host=%%2Frun%%2Fpostgresql
ExecStart=/usr/bin/psql --no-psqlrc -d \${DATABASE_URL} -c 'select pg_sleep(3600)'
`,
    ],
    ['/srv/ledger/README', 'keeps the books\n'],
    ['/srv/reporter/README', 'reads the database\n'],
    [
      '/home/cchq/environments/production/inventory.ini',
      `[web1]\n${host.address} hostname=${host.name} ansible_ssh_pass=${HOST_SECRET}\n\n[webworkers:children]\nweb1\n\n[postgresql:children]\nweb1\n`,
    ],
    ['/home/cchq/environments/production/public.yml', `backup_postgres: dump\nSECRET: ${HOST_SECRET}\n`],
    ['/home/cchq/environments/production/proxy.yml', 'SITE_HOST: hq.example.org\n'],
    ['/home/cchq/environments/production/postgresql.yml', 'dbs:\n  main:\n    user: commcarehq\n'],
    [
      '/home/karl/production/3/etc/instances.ini',
      `[instance:osf]\ndsn = dbname='karl' host='127.0.0.1' user='karl' password='${HOST_SECRET}'\n`,
    ],
    ['/home/karl/production/3/etc/karlserve.ini', '[server:main]\nuse = egg:Paste#http\nport = 6543\n'],
    ['/home/karl/production/3/var/supervisord.pid', '1\n'],
    [
      '/opt/shop/docker-compose.yml',
      `services:\n  app:\n    image: shop:1.4\n    environment:\n      PGHOST: 127.0.0.1\n      PGDATABASE: shop\n      PGUSER: shop\n      PGPASSWORD: ${HOST_SECRET}\n`,
    ],
  ]);
}

/** Lays the host out: Apache with `httpd` on the PATH of /etc/profile, vhosts, the sites' folders, a service, and trees. */
export async function layOut(host: WholeHost, onHost: (script: string) => Promise<string>): Promise<void> {
  const write = Object.entries(files(host)).map(
    ([path, text]) => `mkdir -p "$(dirname '${path}')"; cat >'${path}' <<'END'\n${text}END\n`,
  );
  await onHost(`set -e
${write.join('')}
ln -s /usr/sbin/apache2ctl /usr/local/bin/httpd
ln -s 3 /home/karl/production/current
chmod 755 /home/karl /home/cchq
chmod 640 /var/rails/*/config/database.yml
chgrp ops /var/rails/*/config/database.yml
runuser -u postgres -- createdb -T app app_staging
useradd --system ledger
runuser -u postgres -- createuser ledger
runuser -u postgres -- createdb -O ledger ledger
runuser -u ledger -- psql -qc 'create table entry as select generate_series(1, 100) as id' ledger
chown ops /srv/ledger
apachectl configtest 2>&1
systemctl daemon-reload
systemctl restart apache2
systemctl start reporter ledger-staging`);
}
