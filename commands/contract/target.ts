import type { Estate } from '../../src/estate/types.ts';
import type { Target } from '../../src/operations/authorise.ts';
import type { OperationRecord } from '../../src/operations/records.ts';
import { targetOfHost, targetOfWork, targetsOfEdits } from '../../src/operations/targets.ts';
import type { Command, RawArguments } from './command.ts';
import type { Field } from './field.ts';
import { operationId } from './find-operation.ts';

/**
 * What a command is asked about, by its arguments as they were typed: the site, host, cluster or operation they name.
 * What is not there is left to the command itself to refuse. What is added to the estate is judged by its plan: the host
 * or cluster that it is added to is not what it is about.
 */
export async function targetOf(
  command: Command,
  args: RawArguments,
  estate: Estate,
  operationOf: (id: string) => Promise<OperationRecord | null>,
): Promise<Target> {
  const naming = command.fields.filter(
    ({ of }) => of === 'site' || of === 'host' || of === 'cluster' || of === 'operation',
  );
  const named = naming.find(({ key }) => (args[key] ?? '').trim() !== '');
  if (named && addsBelow(command, named)) return { kind: 'somewhere' };
  if (named) {
    const word = (args[named.key] ?? '').trim().toLowerCase();
    const site = named.of === 'site' ? estate.sites.get(word) : undefined;
    if (site) return { kind: 'site', site, hosts: null };
    const host = named.of === 'host' ? estate.hosts.get(word) : undefined;
    if (host) return targetOfHost(estate, host);
    if (named.of === 'cluster' && estate.clusters.has(word)) return { kind: 'cluster', name: word };
    const id = named.of === 'operation' ? operationId.safeParse(word) : null;
    const operation = id?.success ? await operationOf(id.data) : null;
    return operation ? targetOfOperation(estate, operation) : { kind: 'somewhere' };
  }
  const complete = naming.every((field) => !field.required);
  const all = command.kind === 'question' && command.about === 'everything' && complete;
  return { kind: all ? 'everywhere' : 'somewhere' };
}

function addsBelow(command: Command, named: Field): boolean {
  const onEstate = command.kind === 'operation' && command.on === 'estate' && !command.settings;
  return onEstate && named.of !== 'operation' && !command.name.startsWith(`${named.of} `);
}

/** What an operation is about, also when the estate does not have it any more; of an edit, what became of it. */
export function targetOfOperation(estate: Estate, { site, environment, plan }: OperationRecord): Target {
  return targetsOfEdits(estate, plan).at(-1) ?? targetOfWork(estate, site, environment);
}
