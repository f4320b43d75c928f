import type { HostFact } from '../estate/introspection/facts.ts';
import { findSites, type HostFinds } from '../estate/introspection/find-sites.ts';
import { LOOK, type LookParts } from '../estate/introspection/look.ts';
import type { Host } from '../estate/types.ts';
import type { Refusal } from '../kernel/errors.ts';
import { ok, type Result } from '../kernel/result.ts';
import type { HostPort } from './ports.ts';

/** A fact with the time at which it was seen last, by the database's clock. */
export interface StoredFact extends HostFact {
  readonly seenAt: Date;
}

/** Facts of hosts, kept for the times when a host does not answer. */
export interface HostFactBook {
  /** Notes facts as seen now. A fact that is not among them keeps its value and its time. */
  note(host: string, facts: readonly HostFact[], person: string): Promise<void>;
  /** Everything that was ever seen of a host, by name. */
  of(host: string): Promise<readonly StoredFact[]>;
}

/**
 * Looks at a host over one SSH round trip, changing nothing there. Refusals are those of the link (host_unreachable and
 * its kin); whatever the host says beyond that is read, and what makes no sense becomes a finding.
 */
export async function lookAtHost(hosts: HostPort, host: Host, parts: LookParts): Promise<Result<HostFinds, Refusal>> {
  const answer = await hosts.run(host, LOOK, { parts, root: '' });
  return answer.ok ? ok(findSites(host.name, answer.value.output)) : answer;
}
