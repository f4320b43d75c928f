import { isOnItsHost } from '../estate.ts';
import type { Estate, SiteDocument } from '../types.ts';
import { findApacheSites } from './apache.ts';
import { type Candidate, candidateOf, environmentOf } from './candidate.ts';
import { findCommcareSites } from './commcare.ts';
import { findDockerSites } from './docker.ts';
import { bySeverity, type Finding, unreadable } from './finding.ts';
import type { FoundSite } from './found-site.ts';
import { ofKind, readFrames } from './frames.ts';
import { findKarlSites } from './karl.ts';
import { readSystem, type SystemFacts } from './system.ts';
import { findSystemdSites } from './systemd.ts';

/** A job of cron: where it is written, when it runs, which program. */
export interface CronJob {
  readonly when: string;
  readonly program: string;
  /** Whether it takes a lock on its own host; another host does not see that lock. */
  readonly locked: boolean;
}

/** All that one look at a host tells. */
export interface HostFinds {
  /** Name of the host in the estate. */
  readonly host: string;
  readonly system: SystemFacts;
  readonly sites: readonly FoundSite[];
  readonly jobs: readonly CronJob[];
  readonly findings: readonly Finding[];
}

/** Reads what the look script printed on a host; pure, never throws: what cannot be understood is a finding. */
export function findSites(host: string, output: Uint8Array): HostFinds {
  const { frames, whole } = readFrames(output);
  const system = readSystem(frames);
  const all = [
    findApacheSites(frames, system.account),
    findDockerSites(frames, system),
    findCommcareSites(frames, system),
    findKarlSites(frames, system.account),
    findSystemdSites(frames, system.account),
  ];
  const sites = new Map<string, FoundSite>();
  // One site may be seen by two finders; the more telling one comes first.
  for (const site of all.flatMap((one) => one.sites)) {
    const key = `${site.siteDir}\n${site.database.name}`;
    if (!sites.has(key)) sites.set(key, site);
  }
  // Two virtual hosts of one file say the same of it.
  const said = new Map(
    all.flatMap((one) => one.findings).map((one) => [`${one.code}\n${one.subject}\n${one.meaning}`, one]),
  );
  const findings = [...said.values()];
  for (const frame of ofKind(frames, 'cron'))
    if (frame.state === 'denied') findings.push(unreadable(frame.name, system.account, 'The list of jobs'));
  const late = frames.filter((frame) => frame.state === 'unasked' || frame.state === 'timeout');
  if (late.length > 0) {
    findings.push({
      code: 'look_incomplete',
      severity: 'unknown',
      subject: host,
      meaning: `Not everything could be looked at in the time there is: ${[...new Set(late.map((one) => one.kind))].join(', ')}. Without the program \`timeout\` nothing that may hang is asked.`,
      mend: null,
    });
  }
  if (!whole) {
    findings.push({
      code: 'look_cut',
      severity: 'unknown',
      subject: host,
      meaning: 'The host had more to tell than is read, or its answer broke off: what is missing here may be there.',
      mend: null,
    });
  }
  return {
    host,
    system,
    sites: [...sites.values()],
    jobs: readJobs(ofKind(frames, 'cron').map((one) => one.text)),
    findings: bySeverity(findings),
  };
}

function readJobs(texts: readonly string[]): readonly CronJob[] {
  return texts.flatMap((text) =>
    text.split('\n').flatMap((line): CronJob[] => {
      const job = /^(.+) (\/\S+)( locked)?$/.exec(line.trim());
      return job ? [{ when: job[1] ?? '', program: job[2] ?? '', locked: job[3] !== undefined }] : [];
    }),
  );
}

/** What only shows when the hosts of a cluster are looked at together. */
export function clusterFindings(finds: readonly HostFinds[]): readonly Finding[] {
  return bySeverity([...sharedDatabases(finds), ...sharedHosts(finds), ...doubledJobs(finds)]);
}

function sharedDatabases(finds: readonly HostFinds[]): readonly Finding[] {
  const users = new Map<string, { label: string; dir: string }[]>();
  for (const { host, sites } of finds) {
    for (const { database, label, siteDir } of sites) {
      if (database.name === null) continue;
      const local = database.host === null || isOnItsHost(database.host);
      const key = `${local ? host : database.host}:${database.port ?? 5432}/${database.name}`;
      users.set(key, [...(users.get(key) ?? []), { label, dir: siteDir }]);
    }
  }
  return [...users].flatMap(([key, sites]): Finding[] => {
    if (new Set(sites.map((one) => one.dir)).size < 2) return [];
    const names = [...new Set(sites.map((one) => one.label))].join(' and ');
    return [
      {
        code: 'shared_database',
        severity: 'critical',
        subject: key,
        meaning: `${names} work on the same database ${key}: a restore or a sync of one overwrites the other.`,
        mend: null,
      },
    ];
  });
}

function sharedHosts(finds: readonly HostFinds[]): readonly Finding[] {
  return finds.flatMap(({ host, sites }): Finding[] => {
    const environments = new Set(sites.map((site) => environmentOf(site).environment));
    if (environments.size < 2) return [];
    return [
      {
        code: 'co_hosted',
        severity: 'info',
        subject: host,
        meaning: `Production and staging share ${host}: what is done to staging there follows the rules of production.`,
        mend: null,
      },
    ];
  });
}

function doubledJobs(finds: readonly HostFinds[]): readonly Finding[] {
  const hostsOf = new Map<string, Set<string>>();
  const own = (program: string) => !/^\/(?:bin|sbin|usr\/(?:bin|sbin|lib)|etc|run)\//.test(program);
  for (const { host, jobs } of finds)
    for (const { program } of jobs)
      if (own(program)) hostsOf.set(program, (hostsOf.get(program) ?? new Set()).add(host));
  return [...hostsOf].flatMap(([program, hosts]): Finding[] =>
    hosts.size < 2
      ? []
      : [
          {
            code: 'job_on_two_hosts',
            severity: 'warning',
            subject: program,
            meaning: `The job ${program} is in the crontab of ${[...hosts].join(' and ')}. If it is one that must run once (a directory sync, say), it runs twice: a lock on one host is not seen by the other.`,
            mend: null,
          },
        ],
  );
}

/** The sites that were found and are not in the estate yet, and the names of those that are. */
export function newCandidates(
  estate: Estate,
  finds: readonly HostFinds[],
): { readonly fresh: readonly Candidate[]; readonly present: readonly string[] } {
  const taken = new Set(estate.sites.keys());
  const fresh: Candidate[] = [];
  const present: string[] = [];
  for (const { host, sites } of finds) {
    for (const site of sites) {
      const old = [...estate.sites.values()].find((one) => isSame(one, host, site));
      if (old) {
        present.push(old.name);
        continue;
      }
      const candidate = candidateOf(site, host, taken);
      if (candidate.document) taken.add(candidate.document.name);
      fresh.push(candidate);
    }
  }
  return { fresh, present };
}

function isSame(site: SiteDocument, host: string, found: FoundSite): boolean {
  return (
    site.host === host &&
    site.site_dir === found.siteDir &&
    (found.database.name === null || site.database.name === found.database.name)
  );
}
