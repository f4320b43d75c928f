import { canonicalJson } from '../../kernel/canonical.ts';
import type { EstateDocument, HostDocument } from '../types.ts';

const shown = (value: unknown) =>
  value === undefined ? '(none)' : typeof value === 'string' ? value : canonicalJson(value);

function compare(what: string, old: object | undefined, fresh: object): string[] {
  const before = new Map<string, unknown>(Object.entries(old ?? {}));
  const after = new Map<string, unknown>(Object.entries(fresh));
  const keys = [...new Set([...after.keys(), ...before.keys()])].filter((key) => key !== 'name');
  const changed = keys.filter(
    (key) => canonicalJson(before.get(key) ?? null) !== canonicalJson(after.get(key) ?? null),
  );
  if (old !== undefined && changed.length === 0) return [`= ${what} (unchanged)`];
  const lines = changed.map((key) =>
    old === undefined
      ? `    ${key}: ${shown(after.get(key))}`
      : `    ${key}: ${shown(before.get(key))} -> ${shown(after.get(key))}`,
  );
  return [`${old === undefined ? '+' : '~'} ${what}`, ...lines];
}

/** What an import would change, thing by thing and field by field. Nothing is ever removed by an import. */
export function previewOf(before: EstateDocument, document: EstateDocument): string {
  const there = (kind: 'hosts' | 'sites') =>
    new Map(
      before.clusters.flatMap((cluster) => cluster[kind].map((one) => [one.name, { cluster: cluster.name, ...one }])),
    );
  const [hosts, sites] = [there('hosts'), there('sites')];
  const clusters = new Set(before.clusters.map((cluster) => cluster.name));
  return document.clusters
    .flatMap((cluster) => [
      clusters.has(cluster.name) ? `= cluster ${cluster.name}` : `+ cluster ${cluster.name}`,
      ...cluster.hosts.flatMap((one) =>
        compare(`host ${one.name}`, hosts.get(one.name), { cluster: cluster.name, ...one }),
      ),
      ...cluster.sites.flatMap((one) =>
        compare(`site ${one.name}`, sites.get(one.name), { cluster: cluster.name, ...one }),
      ),
    ])
    .join('\n');
}

/** The host of that name with its cluster, as the estate has it; an import keeps what it knows nothing about. */
export function hostOf(
  before: EstateDocument,
  name: string,
): { readonly cluster: string; readonly host: HostDocument } | null {
  for (const cluster of before.clusters) {
    const host = cluster.hosts.find((one) => one.name === name);
    if (host) return { cluster: cluster.name, host };
  }
  return null;
}
