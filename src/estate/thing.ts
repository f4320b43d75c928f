import { z } from 'zod';
import { canonicalJson } from '../kernel/canonical.ts';
import { sha256 } from '../kernel/ids.ts';
import { clusterDocument, type EstateDocument, hostDocument, name, siteDocument } from './types.ts';

/** What the estate is made of. */
export const THING_KINDS = ['cluster', 'host', 'site'] as const;
export type ThingKind = (typeof THING_KINDS)[number];

/** A cluster (with its hosts), a host or a site, as one piece that can be written, removed and put back. */
export const thingSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('cluster'),
    name,
    cluster: name,
    document: clusterDocument,
    hosts: z.array(hostDocument),
  }),
  z.strictObject({ kind: z.literal('host'), name, cluster: name, document: hostDocument }),
  z.strictObject({ kind: z.literal('site'), name, cluster: name, document: siteDocument }),
]);
export type Thing = z.output<typeof thingSchema>;

/** The hash of what is not there. */
export const ABSENT = 'absent';

/** The hash by which an edit notices that somebody else was faster; `absent` for what is not there. */
export function hashThing(thing: Thing | null): string {
  return thing === null ? ABSENT : sha256(canonicalJson(thing));
}

/** The thing of that kind and name, or null. */
export function findThing(document: EstateDocument, kind: ThingKind, wanted: string): Thing | null {
  for (const { hosts, sites, ...own } of document.clusters) {
    const cluster = own.name;
    if (kind === 'cluster' && cluster === wanted) return { kind, name: wanted, cluster, document: own, hosts };
    const host = hosts.find((one) => one.name === wanted);
    if (kind === 'host' && host) return { kind, name: wanted, cluster, document: host };
    const site = sites.find((one) => one.name === wanted);
    if (kind === 'site' && site) return { kind, name: wanted, cluster, document: site };
  }
  return null;
}

/** The name under which work on a thing is queued and recorded: a site's own, `host:acme-app`, `cluster:acme`. */
export function keyOf(kind: ThingKind, thingName: string): string {
  return kind === 'site' ? thingName : `${kind}:${thingName}`;
}

/** What a key stands for. Names hold no colon, so that a site is never taken for something else. */
export function readKey(key: string): { readonly kind: ThingKind; readonly name: string } {
  const [kind, rest] = key.split(':', 2);
  return (kind === 'host' || kind === 'cluster') && rest !== undefined
    ? { kind, name: rest }
    : { kind: 'site', name: key };
}

/** `acme`, `host acme-app`, `cluster acme`. */
export function keyInWords(key: string): string {
  const { kind, name: bare } = readKey(key);
  return kind === 'site' ? bare : `${kind} ${bare}`;
}
