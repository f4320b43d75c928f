import { canonicalJson } from '../kernel/canonical.ts';
import { flatten } from './flat.ts';
import type { Thing } from './thing.ts';
import type { EstateDocument } from './types.ts';

/** Values that would say nothing to a person are told by their beginning. */
const LONGEST = 120;

function shown(json: string | undefined): string {
  if (json === undefined) return '(none)';
  const value: unknown = JSON.parse(json);
  const text = Array.isArray(value) ? value.map(plain).join(', ') || '(none)' : plain(value);
  return text.length > LONGEST ? `${text.slice(0, LONGEST).replace(/[\ud800-\udbff]$/, '')}…` : text;
}

const plain = (value: unknown) => (typeof value === 'string' ? value || '(empty)' : canonicalJson(value));

/** How two documents differ, one `port: 22 → 2222` a field, in the order of the newer one. */
export function describeFields(
  before: Readonly<Record<string, unknown>>,
  after: Readonly<Record<string, unknown>>,
): string[] {
  const old = flatten(before);
  const fresh = flatten(after);
  return [...new Set([...Object.keys(fresh), ...Object.keys(old)])]
    .filter((key) => old[key] !== fresh[key])
    .map((key) => `${key}: ${shown(old[key])} → ${shown(fresh[key])}`);
}

/** What a document says, one `port: 22` a field. */
export function tellFields(document: Readonly<Record<string, unknown>>): string[] {
  return Object.entries(flatten(document))
    .filter(([key]) => key !== 'name' && key !== 'host_keys')
    .map(([key, value]) => `${key}: ${shown(value)}`);
}

/** A thing in words, and a line for each of some of its fields. */
interface Told {
  readonly what: string;
  readonly fields: readonly string[];
}

/** What a file would change in the estate. Nothing is ever removed by a file. */
export interface EstateDiff {
  /** What is new, with all that is said of it. */
  readonly added: readonly Told[];
  /** What changes, with the fields that do. */
  readonly changed: readonly Told[];
  readonly unchanged: readonly string[];
  readonly onlyThere: readonly string[];
}

/** Compares the estate as it stands with a document, thing by thing and field by field. */
export function diffEstate(before: EstateDocument, file: EstateDocument): EstateDiff {
  const there = thingsOf(before);
  const wanted = thingsOf(file);
  const added: Told[] = [];
  const changed: Told[] = [];
  const unchanged: string[] = [];
  for (const [key, thing] of wanted) {
    const old = there.get(key);
    const fields = old === undefined ? [] : describeFields(told(old), told(thing));
    if (old === undefined) added.push({ what: nameOf(thing), fields: tellFields(told(thing)) });
    else if (fields.length === 0) unchanged.push(nameOf(thing));
    else changed.push({ what: nameOf(thing), fields });
  }
  const onlyThere = [...there].filter(([key]) => !wanted.has(key)).map(([, thing]) => nameOf(thing));
  return { added, changed, unchanged, onlyThere };
}

/** A cluster is in no other cluster. */
const told = ({ kind, cluster, document }: Thing) => ({ ...(kind === 'cluster' ? {} : { cluster }), ...document });
const nameOf = ({ kind, name }: Thing) => `${kind} ${name}`;

/** Everything of a document by its key, clusters first. */
function thingsOf(document: EstateDocument): ReadonlyMap<string, Thing> {
  const things: Thing[] = document.clusters.flatMap(({ hosts, sites, ...own }): Thing[] => [
    { kind: 'cluster', name: own.name, cluster: own.name, document: own, hosts: [] },
    ...hosts.map((one): Thing => ({ kind: 'host', name: one.name, cluster: own.name, document: one })),
    ...sites.map((one): Thing => ({ kind: 'site', name: one.name, cluster: own.name, document: one })),
  ]);
  return new Map(things.map((thing) => [`${thing.kind}:${thing.name}`, thing]));
}

/** The estate after a file: what is in it is written, what is only in the estate stays. */
export function mergeEstate(before: EstateDocument, file: EstateDocument): EstateDocument {
  const wanted = thingsOf(file);
  const kept = [...thingsOf(before)].filter(([key]) => !wanted.has(key)).map(([, thing]) => thing);
  const all = [...kept, ...wanted.values()];
  return {
    clusters: all.flatMap((cluster) =>
      cluster.kind !== 'cluster'
        ? []
        : [
            {
              ...cluster.document,
              hosts: all.flatMap((one) => (one.kind === 'host' && one.cluster === cluster.name ? [one.document] : [])),
              sites: all.flatMap((one) => (one.kind === 'site' && one.cluster === cluster.name ? [one.document] : [])),
            },
          ],
    ),
  };
}

/** A difference for the command line: what would be new, what would change field by field, and what stays. */
export function diffInWords({ added, changed, unchanged, onlyThere }: EstateDiff): string {
  const tell = (mark: string) => (one: Told) => [`${mark} ${one.what}`, ...one.fields.map((field) => `    ${field}`)];
  const lines = [
    ...added.flatMap(tell('+')),
    ...changed.flatMap(tell('~')),
    ...(added.length + changed.length === 0 ? ['nothing would change'] : []),
    `unchanged: ${unchanged.join(', ') || 'nothing'}`,
  ];
  if (onlyThere.length > 0) lines.push(`only in the database, and staying there: ${onlyThere.join(', ')}`);
  return lines.join('\n');
}
