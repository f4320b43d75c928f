import { z } from 'zod';
import { type Refusal, refusal } from '../../kernel/errors.ts';
import { err, ok, type Result } from '../../kernel/result.ts';
import { inQuotes, nameFrom } from './names.ts';

/**
 * A cluster file of the vendor's console (SEC). One file of the Docker generation is public (github
 * loney-liu/shotgun_in_vagrant, script/Shotgun_In_Vagrant.json). Of the generation before it, which reaches the hosts by
 * SSH, the manual only says that there is such a file: what it shares with the other is read, everything else reported.
 */

/** Where a node's Docker agent listens, as far as that says where the node is. */
export type NodePlace =
  | { readonly kind: 'console' } // a Unix socket: the host on which the console runs
  | { readonly kind: 'address'; readonly address: string }
  | { readonly kind: 'unknown' };

export interface SecNode {
  readonly title: string;
  /** As the estate will name the host. */
  readonly host: string;
  readonly place: NodePlace;
  /** Folder of docker-compose.yml, without what is above it: Compose names its network `<folder>_default`. */
  readonly folder: string | null;
}

export interface SecCluster {
  readonly name: string;
  readonly title: string;
  readonly generation: 'docker' | 'apache';
  /** From `type`; null when it is none that an estate can hold. */
  readonly environment: string | null;
  readonly nodes: readonly SecNode[];
  /** What the file holds beyond what is known, by place and kind; values are not repeated, because they may be secret. */
  readonly unknown: readonly string[];
  /** What is known and not taken over, with the reason. */
  readonly left: readonly string[];
}

const text = z.string().max(400);
const nodeFile = z.looseObject({
  name: text,
  docker_url: text.optional(),
  network: text.optional(),
  tls_configuration: z.unknown().optional(),
});
const clusterFile = z.looseObject({
  json_class: z.literal('Cluster'),
  id: text.or(z.number()).optional(),
  cluster_name: text,
  type: text.optional(),
  nodes: z.array(nodeFile).max(100).optional(),
});
const KNOWN = new Set(Object.keys(clusterFile.shape));
const KNOWN_OF_NODE = new Set(Object.keys(nodeFile.shape));

function kindOf(value: unknown): string {
  if (value === null) return 'nothing';
  if (Array.isArray(value)) return `a list of ${value.length}`;
  return typeof value === 'object' ? 'a group of keys' : typeof value === 'string' ? 'a text' : `a ${typeof value}`;
}

const strangers = (place: string, it: Readonly<Record<string, unknown>>, known: ReadonlySet<string>): string[] =>
  Object.entries(it)
    .filter(([key]) => !known.has(key))
    .map(([key, value]) => `${place}${inQuotes(key)} (${kindOf(value)})`);

function placeOf(url: string | undefined): NodePlace | null {
  if (url === undefined || url === '') return { kind: 'unknown' };
  if (url.startsWith('unix://')) return { kind: 'console' };
  const host =
    /^(?:tcp|http|https):\/\/(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9][A-Za-z0-9.-]{0,254}))(?::\d{1,5})?\/?$/.exec(url);
  const address = host?.[1] ?? host?.[2];
  return address === undefined ? null : { kind: 'address', address };
}

const isEmpty = (value: unknown) => value === undefined || value === null || value === '' || value === false;

/** Reads a cluster file. Refusals: bad_configuration saying what is wrong with it; nothing in it is guessed. */
export function readSecCluster(content: string, file: string): Result<SecCluster, Refusal> {
  const refuse = (message: string) =>
    err(refusal('bad_configuration', `${file}: ${message}`, 'Name the console’s own files, clusters/<id>.json.'));
  let raw: unknown;
  try {
    raw = JSON.parse(content.replace(/^\ufeff/, ''));
  } catch {
    return refuse('this is not JSON.');
  }
  const checked = clusterFile.safeParse(raw);
  if (!checked.success) {
    const [issue] = checked.error.issues;
    return refuse(
      `this is no cluster of the console: ${issue?.path.join('.') || 'the whole'}: ${issue?.message ?? ''}.`,
    );
  }
  const { cluster_name: title, type = '', nodes: given = [] } = checked.data;
  const name = nameFrom(title);
  if (!name.ok) return refuse(name.error.message);
  const generation = given.some((node) => node.docker_url !== undefined) ? 'docker' : 'apache';
  const nodes: SecNode[] = [];
  const left: string[] = [];
  for (const [index, node] of given.entries()) {
    const own = nameFrom(`${name.value}-${node.name}`);
    const place = placeOf(node.docker_url);
    if (!own.ok) return refuse(`nodes.${index}: ${own.error.message}`);
    if (place === null)
      return refuse(
        `nodes.${index}.docker_url ${inQuotes(node.docker_url ?? '')} is neither a Unix socket nor a TCP address.`,
      );
    if (nodes.some((one) => one.host === own.value)) return refuse(`two nodes would be named ${own.value}.`);
    const folder = /^([A-Za-z0-9][A-Za-z0-9_-]{0,60})_default$/.exec(node.network ?? '')?.[1] ?? null;
    if (!isEmpty(node.tls_configuration))
      left.push(`nodes.${index}.tls_configuration: Twokey reaches hosts by SSH and needs no certificates of Docker.`);
    if (node.network !== undefined && node.network !== '' && folder === null)
      left.push(`nodes.${index}.network: it is not named <folder>_default, so it tells no folder.`);
    nodes.push({ title: node.name, host: own.value, place, folder });
  }
  // The older generation names its main app server somewhere that is not public, so there is one host to ask for.
  if (nodes.length === 0) {
    const main = nameFrom(`${name.value}-main`);
    if (!main.ok) return refuse(main.error.message);
    nodes.push({ title: 'Main', host: main.value, place: { kind: 'unknown' }, folder: null });
  }
  const environment = type.trim().toLowerCase();
  return ok({
    name: name.value,
    title,
    generation,
    environment: /^[a-z][a-z0-9-]{0,30}$/.test(environment) ? environment : null,
    nodes,
    unknown: [
      ...strangers('', checked.data, KNOWN),
      ...given.flatMap((node, index) => strangers(`nodes.${index}.`, node, KNOWN_OF_NODE)),
    ],
    left,
  });
}
