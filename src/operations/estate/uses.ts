import { keyOf, type ThingKind } from '../../estate/thing.ts';
import type { EstateDocument } from '../../estate/types.ts';
import { type Refusal, refusal } from '../../kernel/errors.ts';
import type { Use } from './book.ts';

/** How many uses a refusal names. */
const MOST_NAMED = 5;

/** Keys of work that would miss a thing: its own, and for a cluster that of its hosts. */
function keysUnder(document: EstateDocument, kind: ThingKind, name: string): ReadonlySet<string> {
  const hosts = kind === 'cluster' ? (document.clusters.find((one) => one.name === name)?.hosts ?? []) : [];
  return new Set([keyOf(kind, name), ...hosts.map((host) => keyOf('host', host.name))]);
}

function usesOf(document: EstateDocument, kind: ThingKind, name: string, uses: readonly Use[]): readonly Use[] {
  const keys = keysUnder(document, kind, name);
  return uses.filter((use) => keys.has(use.target) || use.hosts.some((host) => keys.has(keyOf('host', host))));
}

/** Refuses to remove what something runs on, waits for, or is scheduled on; null when nothing does. */
export function inUse(document: EstateDocument, kind: ThingKind, name: string, uses: readonly Use[]): Refusal | null {
  const its = usesOf(document, kind, name, uses);
  if (its.length === 0) return null;
  const named = its.slice(0, MOST_NAMED).map((use) => use.words);
  const more = its.length > MOST_NAMED ? ` and ${its.length - MOST_NAMED} more` : '';
  return refusal(
    'still_needed',
    `The ${kind} ${name} is in use: ${named.join('; ')}${more}.`,
    'Wait until they are over, or cancel them, then send it again.',
  );
}

/** Refuses to change a host under something that runs on it: it would look for its job at another place. */
export function runsOn(document: EstateDocument, kind: ThingKind, name: string, uses: readonly Use[]): Refusal | null {
  if (kind !== 'host') return null;
  const [use] = usesOf(document, kind, name, uses).filter((one) => one.running);
  if (!use) return null;
  return refusal('site_busy', `Something runs on ${name}: ${use.words}.`, 'Wait until it is over, then send it again.');
}
