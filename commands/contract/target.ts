import type { Estate } from '../../src/estate/types.ts';
import { type Target, targetOfHost } from '../../src/operations/authorise.ts';
import type { OperationRecord } from '../../src/operations/records.ts';
import type { Command, RawArguments } from './command.ts';
import { operationId } from './find-operation.ts';

/**
 * What a command is asked about, by its arguments as they were typed: the site, the host or the operation they name.
 * What is not there is left to the command itself to refuse.
 */
export async function targetOf(
  command: Command,
  args: RawArguments,
  estate: Estate,
  operationOf: (id: string) => Promise<OperationRecord | null>,
): Promise<Target> {
  const naming = command.fields.filter(({ of }) => of === 'site' || of === 'host' || of === 'operation');
  const named = naming.find(({ key }) => (args[key] ?? '').trim() !== '');
  if (named) {
    const word = (args[named.key] ?? '').trim().toLowerCase();
    const site = named.of === 'site' ? estate.sites.get(word) : undefined;
    if (site) return { kind: 'site', site, hosts: null };
    const host = named.of === 'host' ? estate.hosts.get(word) : undefined;
    if (host) return targetOfHost(estate, host);
    const id = named.of === 'operation' ? operationId.safeParse(word) : null;
    const operation = id?.success ? await operationOf(id.data) : null;
    return operation ? targetOfOperation(estate, operation) : { kind: 'somewhere' };
  }
  const complete = naming.every((field) => !field.required);
  const all = command.kind === 'question' && command.about === 'everything' && complete;
  return { kind: all ? 'everywhere' : 'somewhere' };
}

/** The site of an operation, also when the estate does not have it any more. */
export function targetOfOperation(estate: Estate, { site, environment }: OperationRecord): Target {
  return { kind: 'site', site: estate.sites.get(site) ?? { name: site, cluster: '', environment }, hosts: null };
}
