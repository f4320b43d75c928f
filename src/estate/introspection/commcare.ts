import { readPort } from './database-url.ts';
import { type Finding, unreadable, word } from './finding.ts';
import { type Found, type FoundSite, known } from './found-site.ts';
import { type Frame, ofKind } from './frames.ts';
import type { SystemFacts } from './system.ts';
import { asMap, asText, readYaml, type YamlMap } from './yaml-document.ts';

/** An Ansible inventory: the hosts of each group, groups within groups taken apart. */
export interface Inventory {
  readonly groups: ReadonlyMap<string, readonly string[]>;
  /** Other names of a host, by the one it has in the inventory. */
  readonly names: ReadonlyMap<string, readonly string[]>;
}

/** More groups than any inventory has; those after them are passed over. */
const MOST_GROUPS = 500;

/** Reads an `inventory.ini`; groups that contain each other in a circle end where they began. Never throws. */
export function readInventory(text: string): Inventory {
  const direct = new Map<string, string[]>();
  const children = new Map<string, string[]>();
  const names = new Map<string, string[]>();
  let into: string[] | null = null;
  let isHosts = false;
  for (const line of text.split('\n')) {
    const head = /^\[([^\]:]+)(?::(\w+))?\]\s*$/.exec(line.trim());
    if (head) {
      const [, group = '', kind] = head;
      const table = kind === 'children' ? children : direct;
      isHosts = kind === undefined;
      into = kind === 'vars' ? null : (table.get(group) ?? (table.size < MOST_GROUPS ? [] : null));
      if (into) table.set(group, into);
      continue;
    }
    const [first, ...rest] = line.trim().split(/\s+/);
    if (!into || first === undefined || first === '') continue;
    into.push(first);
    if (!isHosts) continue;
    const others = names.get(first) ?? [];
    others.push(...rest.map((one) => one.replace(/^[a-z_]+=/, '').replace(/^'(.*)'$/, '$1')));
    names.set(first, others);
  }
  /** Own hosts first, then those of the groups within; each group once, however many ways lead to it. */
  const hostsOf = (group: string): readonly string[] => {
    const hosts = new Set<string>();
    const seen = new Set<string>();
    const open = [group];
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      if (seen.has(at)) continue;
      seen.add(at);
      for (const host of direct.get(at) ?? []) hosts.add(host);
      open.push(...(children.get(at) ?? []).toReversed());
    }
    return [...hosts];
  };
  const all = new Set([...direct.keys(), ...children.keys()]);
  return { groups: new Map([...all].map((group) => [group, hostsOf(group)])), names };
}

/** Folder of an environment's code on its hosts: `www_home` of commcare-cloud's group variables. */
const wwwHome = (environment: string) => `/home/cchq/www/${environment}`;

/**
 * Environments of commcare-cloud, from the folder that its public documentation calls `environments`, on the host from
 * which the cluster is controlled. Database defaults are those of its postgresql.yml documentation.
 */
export function findCommcareSites(frames: readonly Frame[], system: SystemFacts): Found {
  const findings: Finding[] = [];
  const code = new Map(
    ofKind(frames, 'commcare-code').map((frame) => [/\/www\/([^/]+)\/current$/.exec(frame.name)?.[1] ?? '', frame]),
  );
  const sites = ofKind(frames, 'commcare').flatMap((environment) => {
    if (environment.state !== 'ok') {
      findings.push(unreadable(environment.name, system.account, 'The environment of commcare-cloud'));
      return [];
    }
    return siteOf(environment.name, frames, system, code, findings);
  });
  return { sites, findings };
}

function siteOf(
  dir: string,
  frames: readonly Frame[],
  system: SystemFacts,
  code: ReadonlyMap<string, Frame>,
  findings: Finding[],
): readonly FoundSite[] {
  const name = dir.slice(dir.lastIndexOf('/') + 1);
  const settings = new Map<string, YamlMap>();
  for (const file of ['public', 'proxy', 'postgresql', 'meta']) {
    const frame = ofKind(frames, 'commcare-yml').find((one) => one.name === `${dir}/${file}.yml`);
    if (frame?.state === 'denied') findings.push(unreadable(frame.name, system.account, 'The settings file'));
    const read = frame?.state === 'ok' ? readYaml(frame.text) : null;
    if (read && 'map' in read) settings.set(file, read.map);
    else if (read)
      findings.push(
        problem(
          'commcare_settings_unclear',
          `${dir}/${file}.yml`,
          `The settings file could not be understood: ${read.problem}.`,
        ),
      );
    else if (frame?.state === 'absent' && file === 'public')
      findings.push(problem('commcare_settings_missing', frame.name, `The environment ${name} has no public.yml.`));
  }
  const inventoryFrame = ofKind(frames, 'inventory').find((one) => one.name === `${dir}/inventory.ini`);
  if (inventoryFrame?.state === 'denied')
    findings.push(unreadable(inventoryFrame.name, system.account, 'The inventory'));
  else if (inventoryFrame?.state !== 'ok')
    findings.push(
      problem(
        'commcare_inventory_missing',
        `${dir}/inventory.ini`,
        `The environment ${name} has no inventory.ini, so its hosts are not known.`,
      ),
    );
  const inventory = readInventory(inventoryFrame?.state === 'ok' ? inventoryFrame.text : '');
  const own = new Set([system.hostName, ...system.addresses].filter((one) => one !== null));
  const plain = (host: string) => host.replace(/:\d+$/, '');
  const isOwn = (host: string) => own.has(plain(host)) || (inventory.names.get(host) ?? []).some((one) => own.has(one));
  const here = [...inventory.groups]
    .filter(([, hosts]) => hosts.some(isOwn))
    .map(([group]) => group)
    .sort();
  if (inventoryFrame?.state === 'ok' && here.length === 0)
    findings.push({
      ...problem(
        'commcare_host_elsewhere',
        inventoryFrame.name,
        `The inventory of ${name} does not name this host, so the environment is controlled from here and runs elsewhere.`,
      ),
      severity: 'info',
    });

  const postgresql = settings.get('postgresql') ?? {};
  const main = asMap(asMap(postgresql.dbs).main);
  const chosen =
    asText(main.host) ?? asText(postgresql.DEFAULT_POSTGRESQL_HOST) ?? inventory.groups.get('postgresql')?.[0] ?? null;
  // A "host string" may be a group of one host.
  const host = chosen === null ? null : (inventory.groups.get(chosen)?.[0] ?? chosen);
  const current = code.get(name);
  if (current?.state === 'broken') {
    findings.push({
      ...problem(
        'commcare_release_missing',
        current.name,
        `The link to the deployed release leads to ${current.text.trim()}, where nothing is.`,
      ),
      severity: 'critical',
      mend: `ls -ld -- ${word(current.name)}`,
    });
  }
  const publicYml = settings.get('public') ?? {};
  if (asText(publicYml.backup_postgres) === null && settings.has('public'))
    findings.push(
      problem(
        'commcare_no_backup',
        `${dir}/public.yml`,
        `The environment ${name} sets no backup_postgres, so that commcare-cloud makes no backup of its databases.`,
      ),
    );
  const release = current?.text.trim() ?? '';
  return [
    {
      finder: 'commcare',
      label: name,
      siteDir: wwwHome(name),
      environment: name,
      version: release.slice(release.lastIndexOf('/') + 1) || null,
      database: {
        host: host === null ? null : isOwn(host) ? '127.0.0.1' : plain(host),
        port: readPort(asText(main.port)),
        name: asText(main.name) ?? 'commcarehq',
        user: asText(main.user),
      },
      databaseProblem:
        asText(main.user) === null
          ? 'The database user stands in vault.yml, which is encrypted and was not read.'
          : null,
      settings: known({
        'site host': asText(settings.get('proxy')?.SITE_HOST) ?? asText(publicYml.SITE_HOST),
        'groups of this host': here.join(', ') || null,
        'backup of postgres': asText(publicYml.backup_postgres),
        'backup of couch': asText(publicYml.backup_couch),
        'backup of blobs': asText(publicYml.backup_blobdb),
        'backup days': asText(publicYml.postgresql_backup_days),
      }),
    },
  ];
}

function problem(code: string, subject: string, meaning: string): Finding {
  return { code, severity: 'warning', subject, meaning, mend: null };
}
