import type { HostFinds } from './find-sites.ts';
import { known } from './found-site.ts';
import type { SystemFacts } from './system.ts';

/** One thing that is known of a host, or of a site on it, in words that can be shown and compared. */
export interface HostFact {
  /** Empty for the machine; else the site on it, as `siteSubject` makes it. */
  readonly subject: string;
  readonly name: string;
  readonly value: string;
}

/** What facts of a site are about: its folder and, as some folders hold several, what it is called there. */
export function siteSubject(siteDir: string, label: string): string {
  return `${siteDir}\n${label}`;
}

/** The settings of the site in a folder with that database; empty when nothing is known of it. */
export function settingsOfSite(
  facts: readonly HostFact[],
  siteDir: string,
  database: string,
): Readonly<Record<string, string>> {
  const subjects = Map.groupBy(
    facts.filter(({ subject }) => subject.startsWith(`${siteDir}\n`)),
    ({ subject }) => subject,
  );
  const all = [...subjects.values()].map(
    (own): Record<string, string> => Object.fromEntries(own.map(({ name, value }) => [name, value])),
  );
  const own = all.find((settings) => settings['database name'] === database);
  return own ?? (all.length === 1 ? (all[0] ?? {}) : {});
}

function gigabytes(bytes: number | null): string | null {
  return bytes === null ? null : `${(bytes / 1e9).toFixed(1)} GB`;
}

/** What a host is used for, guessed from what was found and what listens. Only a guess: the estate says what holds. */
export function guessRoles(finds: HostFinds): readonly string[] {
  const ports = new Set(finds.system.listening?.map((one) => one.port) ?? []);
  const roles = new Set<string>();
  if (finds.sites.length > 0) roles.add('app');
  if (ports.has(5432)) roles.add('db');
  if (ports.has(11_211) || ports.has(6379)) roles.add('cache');
  if (ports.has(25)) roles.add('mail');
  if ((ports.has(80) || ports.has(443)) && finds.sites.length === 0) roles.add('proxy');
  if (finds.sites.some((site) => /transcod/.test(site.settings['compose services'] ?? ''))) roles.add('transcoding');
  return [...roles];
}

/** The facts of the machine; what is not known has none, so that an older answer to it stays. */
export function systemFacts(system: SystemFacts): readonly HostFact[] {
  const values = known({
    os: system.os?.name ?? null,
    kernel: system.kernel,
    machine: system.machine,
    cpus: system.cpus,
    memory: gigabytes(system.memoryBytes),
    swap: gigabytes(system.swapBytes),
    disks: system.disks?.map((one) => `${one.mount} ${gigabytes(one.bytes)}`).join(', ') ?? null,
    'listening ports':
      system.listening === null ? null : [...new Set(system.listening.map((one) => one.port))].join(', '),
    selinux: system.selinux,
    'postgresql server': system.postgresServers.join(', ') || null,
    'postgresql client': system.postgresClient,
    docker: system.docker,
    compose: [system.composePlugin, system.composeV1].filter((one) => one !== null).join(', ') || null,
  });
  return Object.entries(values).map(([name, value]) => ({ subject: '', name, value }));
}

/** All facts of a look, the sites on the host included. */
export function factsOf(finds: HostFinds): readonly HostFact[] {
  const roles = guessRoles(finds).join(', ');
  return [
    ...systemFacts(finds.system),
    ...(roles === '' ? [] : [{ subject: '', name: 'roles (guessed)', value: roles }]),
    ...(finds.sites.length < 2
      ? []
      : [{ subject: '', name: 'sites on the host', value: finds.sites.map((one) => one.label).join(', ') }]),
    ...finds.sites.flatMap(({ siteDir, label, settings, version, database }) =>
      Object.entries({
        ...settings,
        ...known({
          version,
          'database host': database.host,
          'database port': database.port,
          'database name': database.name,
        }),
      }).map(([name, value]) => ({ subject: siteSubject(siteDir, label), name, value })),
    ),
  ];
}
