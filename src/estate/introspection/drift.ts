import type { Site } from '../types.ts';
import { type HostFact, settingsOfSite } from './facts.ts';

/** One line of a comparison; null is not known, which is never called equal. */
export interface DriftRow {
  readonly what: string;
  readonly left: string | null;
  readonly right: string | null;
}

/** Facts of a host that say what a site runs on; a role or a list of ports differs for good reasons. */
const MACHINE = [
  'os',
  'kernel',
  'machine',
  'cpus',
  'memory',
  'selinux',
  'postgresql server',
  'postgresql client',
  'docker',
  'compose',
];
/** Settings that must differ between two sites. */
const ITS_OWN = new Set([
  'server name',
  'document root',
  'compose project',
  'compose state',
  'site url',
  'virtual host',
  'unit',
  'working directory',
  'site host',
  'karl instance',
  'database name',
  'version',
]);

/**
 * What differs between two sites and what is the same: the machine, PostgreSQL, the application's version, compose
 * services and keys, settings. What must differ (names, folders) is left out.
 */
export function driftOf(
  left: { readonly site: Site; readonly region: string | null; readonly facts: readonly HostFact[] },
  right: { readonly site: Site; readonly region: string | null; readonly facts: readonly HostFact[] },
): { readonly differs: readonly DriftRow[]; readonly unknown: readonly DriftRow[]; readonly same: readonly string[] } {
  const machine = (facts: readonly HostFact[], name: string): string | null =>
    facts.find((one) => one.subject === '' && one.name === name)?.value ?? null;
  const ofLeft = settingsOfSite(left.facts, left.site.site_dir, left.site.database.name);
  const ofRight = settingsOfSite(right.facts, right.site.site_dir, right.site.database.name);
  const keys = [...new Set([...Object.keys(ofLeft), ...Object.keys(ofRight)])]
    .filter((key) => !ITS_OWN.has(key))
    .sort();
  const rows: DriftRow[] = [
    { what: 'version in the estate', left: left.site.version, right: right.site.version },
    { what: 'version on the host', left: ofLeft.version ?? null, right: ofRight.version ?? null },
    { what: 'data region', left: left.region, right: right.region },
    { what: 'profile', left: left.site.profile, right: right.site.profile },
    ...MACHINE.map((name) => ({ what: name, left: machine(left.facts, name), right: machine(right.facts, name) })),
    ...keys.map((key) => ({ what: key, left: ofLeft[key] ?? null, right: ofRight[key] ?? null })),
  ];
  // What neither side tells is no difference and no agreement; it is not worth a line for what neither has. Where data
  // lies is worth one: nobody may take it for the same.
  const told = rows.filter((row) => row.left !== null || row.right !== null || row.what === 'data region');
  return {
    differs: told.filter((row) => row.left !== null && row.right !== null && row.left !== row.right),
    unknown: told.filter((row) => row.left === null || row.right === null),
    same: told.filter((row) => row.left !== null && row.left === row.right).map((row) => row.what),
  };
}
