import type { EstateDocument, HostDocument } from '../types.ts';

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
