import { type Refusal, refusal } from '../kernel/errors.ts';
import { err, ok, type Result } from '../kernel/result.ts';
import { buildEstate } from './estate.ts';
import { lostRoles, whatNeeds } from './needs.ts';
import { ABSENT, findThing, hashThing, type Thing, type ThingKind } from './thing.ts';
import type { EstateDocument } from './types.ts';

/** One change of the estate. `before` is the hash of what it replaces: something else there refuses it. */
export type Edit =
  | { readonly act: 'put'; readonly before: string; readonly thing: Thing }
  | { readonly act: 'remove'; readonly before: string; readonly kind: ThingKind; readonly name: string }
  /** Puts back what was removed; `removal` is the id under which it is kept. */
  | { readonly act: 'restore'; readonly removal: string; readonly thing: Thing };

/** What an edit is about. */
export function subjectOf(edit: Edit): { readonly kind: ThingKind; readonly name: string } {
  return edit.act === 'remove' ? edit : edit.thing;
}

/**
 * The estate after an edit. Pure; asked when somebody wants it, again at its start, and last in the transaction that
 * writes it. Refusals: drift when it is no longer what the edit replaces, name_taken, unknown_* for what is not there,
 * still_needed when something would miss it, bad_configuration when the whole would make no sense.
 */
export function applyEdit(document: EstateDocument, edit: Edit): Result<EstateDocument, Refusal> {
  const { kind, name } = subjectOf(edit);
  const current = findThing(document, kind, name);
  const before = edit.act === 'restore' ? ABSENT : edit.before;
  if (current && before === ABSENT)
    return err(refusal('name_taken', `There is a ${kind} "${name}" already.`, 'Choose another name.'));
  if (!current && edit.act === 'remove') return err(refusal(`unknown_${kind}`, `There is no ${kind} "${name}".`));
  if (hashThing(current) !== before)
    return err(
      refusal(
        'drift',
        `Somebody else has changed the ${kind} ${name} meanwhile.`,
        'Look at it as it is now, then send it again.',
      ),
    );
  if (edit.act === 'remove') {
    const needed = whatNeeds(document, kind, name);
    if (needed) return err(needed);
  }
  const cluster = edit.act === 'remove' ? null : edit.thing.cluster;
  if (kind !== 'cluster' && cluster !== null && !document.clusters.some((one) => one.name === cluster))
    return err(refusal('unknown_cluster', `There is no cluster "${cluster}".`));
  const after = edit.act === 'remove' ? without(document, kind, name) : withThing(document, edit.thing);
  const lost = lostRoles(document, after);
  if (lost) return err(lost);
  const built = buildEstate(after);
  return built.ok ? ok(after) : err({ ...built.error, next: 'Correct what the message names, then send it again.' });
}

function without(document: EstateDocument, kind: ThingKind, name: string): EstateDocument {
  return {
    clusters: document.clusters
      .filter((cluster) => kind !== 'cluster' || cluster.name !== name)
      .map((cluster) => ({
        ...cluster,
        hosts: cluster.hosts.filter((host) => kind !== 'host' || host.name !== name),
        sites: cluster.sites.filter((site) => kind !== 'site' || site.name !== name),
      })),
  };
}

function withThing(document: EstateDocument, thing: Thing): EstateDocument {
  if (thing.kind === 'cluster') {
    const sites = document.clusters.find((one) => one.name === thing.name)?.sites ?? [];
    const rest = without(document, 'cluster', thing.name).clusters;
    return { clusters: [...rest, { ...thing.document, hosts: thing.hosts, sites }] };
  }
  return {
    clusters: without(document, thing.kind, thing.name).clusters.map((cluster) => {
      if (cluster.name !== thing.cluster) return cluster;
      return thing.kind === 'host'
        ? { ...cluster, hosts: [...cluster.hosts, thing.document] }
        : { ...cluster, sites: [...cluster.sites, thing.document] };
    }),
  };
}
