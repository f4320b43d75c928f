import { findCluster, findHost, findSite } from '../../src/estate/estate.ts';
import { findThing, hashThing, keyOf, type ThingKind } from '../../src/estate/thing.ts';
import { type Refusal, refusal } from '../../src/kernel/errors.ts';
import { err, type Result } from '../../src/kernel/result.ts';
import type { EstateFacts } from '../../src/operations/estate/facts.ts';
import { planEdit } from '../../src/operations/estate/plan-edit.ts';
import type { Plan } from '../../src/operations/plan.ts';
import { noSuch } from './typed.ts';

const FIND = { cluster: findCluster, host: findHost, site: findSite };

/** The plan of removing something; what it is stays kept, so that it can be put back. */
export function planRemoval(
  facts: EstateFacts,
  kind: ThingKind,
  name: string,
  args: Readonly<Record<string, string>>,
): Result<Plan, Refusal> {
  const found = FIND[kind](facts.estate, name);
  if (!found.ok) return found;
  const thing = findThing(facts.document, kind, name);
  const hosts = thing?.kind === 'cluster' ? thing.hosts.map((host) => host.name) : [];
  const below = hosts.length === 0 ? '' : ` with its hosts ${hosts.join(', ')}`;
  return planEdit(facts, {
    command: `${kind} remove`,
    args,
    edit: { act: 'remove', kind, name, before: hashThing(thing) },
    effects: [
      `Takes the ${kind} ${name}${below} out of the estate: nobody can ask for work on it any more.`,
      'Nothing is touched on any host; backups, logs and history stay.',
      `It can be put back with ${kind} restore ${name}, as long as its name is not taken again.`,
    ],
    next: `\`${kind} restore ${name}\` puts it back.`,
  });
}

/** The plan of putting back what was removed last under a name. */
export function planReturn(
  facts: EstateFacts,
  kind: ThingKind,
  name: string,
  args: Readonly<Record<string, string>>,
): Result<Plan, Refusal> {
  const removed = facts.removals.filter(({ thing }) => thing.kind === kind);
  const removal = removed.find(({ thing }) => thing.name === name);
  if (findThing(facts.document, kind, name) !== null)
    return err(
      refusal(
        'name_taken',
        `There is a ${kind} "${name}" ${removal ? 'again, added after the old one was removed' : 'already; it was not removed'}.`,
        removal ? 'Remove the new one first if the old one is to come back.' : 'Nothing to do.',
      ),
    );
  const names = removed.map(({ thing }) => thing.name);
  if (!removal)
    return err({
      ...noSuch(`removed ${kind}`, name, names),
      next: names.length === 0 ? `No ${kind} was removed.` : `Removed were ${[...new Set(names)].join(', ')}.`,
    });
  const { thing } = removal;
  const clash = thing.kind === 'cluster' ? thing.hosts.find((host) => facts.estate.hosts.has(host.name)) : undefined;
  if (clash) return err(refusal('name_taken', `The host "${clash.name}" of that cluster is in another one now.`));
  const joins = facts.estate.clusters.has(thing.cluster) ? keyOf('cluster', thing.cluster) : keyOf(kind, name);
  return planEdit(facts, {
    command: `${kind} restore`,
    args,
    edit: { act: 'restore', removal: removal.id, thing },
    on: joins,
    effects: [
      `Puts the ${kind} ${name} back into the estate, as it was when it was removed on ${removal.removedAt.toISOString().slice(0, 10)}.`,
      'Nothing is run on any host.',
    ],
    next:
      kind === 'site'
        ? `See how it answers with \`status ${name}\`.`
        : `Check the way there with \`${kind === 'host' ? 'host test' : 'cluster connect'} ${name}\`.`,
  });
}
