import { z } from 'zod';
import { findCluster } from '../src/estate/estate.ts';
import { ABSENT, keyOf } from '../src/estate/thing.ts';
import { name } from '../src/estate/types.ts';
import { refusal } from '../src/kernel/errors.ts';
import { err } from '../src/kernel/result.ts';
import { planEdit } from '../src/operations/estate/plan-edit.ts';
import { estateOperation } from './contract/command.ts';
import type { Field } from './contract/field.ts';
import { HOST_FIELDS, hostArguments, hostFrom, newHostInWords, withPinnedKey } from './contract/new-host.ts';

const NAME = 'host add';
const fields: readonly Field[] = [
  { key: 'cluster', label: 'cluster', of: 'cluster', required: true },
  { key: 'host', label: 'name of the host', of: 'text', required: true },
  ...HOST_FIELDS,
];

export const command = estateOperation({
  name: NAME,
  summary: 'Add a host to a cluster: its key is shown, and pinned once you have confirmed its fingerprint.',
  fields,
  // Pinning a key is a decision about trust, which no grant gives away.
  roles: ['admin'],
  area: 'oversight',
  risk: 'routine',
  args: z.strictObject({ cluster: name, ...hostArguments }),
  keyOf: (args, { estate }) => {
    const { cluster = '', host = '' } = args;
    const found = findCluster(estate, cluster);
    if (!found.ok) return found;
    if (estate.hosts.has(host)) return err(refusal('name_taken', `There is a host "${host}" already.`));
    return hostFrom(args);
  },
  plan: (facts, args) => {
    const host = hostFrom(args);
    if (!host.ok) return host;
    const added = withPinnedKey(host.value, facts.presented, { name: NAME, fields }, args);
    if (!added.ok) return added;
    const { document, pinned } = added.value;
    return planEdit(facts, {
      command: NAME,
      args,
      edit: { act: 'put', before: ABSENT, thing: { kind: 'host', name: args.host, cluster: args.cluster, document } },
      on: keyOf('cluster', args.cluster),
      effects: [
        `Adds the host ${newHostInWords(document)} to the cluster ${args.cluster}.`,
        pinned,
        'Nothing is run on the host.',
      ],
      next: `Check the way there with \`host test ${args.host}\`.`,
    });
  },
});
