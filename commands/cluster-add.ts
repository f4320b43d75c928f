import { z } from 'zod';
import { ABSENT } from '../src/estate/thing.ts';
import { dataRegion, name } from '../src/estate/types.ts';
import { refusal } from '../src/kernel/errors.ts';
import { err } from '../src/kernel/result.ts';
import { planEdit } from '../src/operations/estate/plan-edit.ts';
import { estateOperation } from './contract/command.ts';
import type { Field } from './contract/field.ts';
import { HOST_FIELDS, hostArguments, hostFrom, newHostInWords, withPinnedKey } from './contract/new-host.ts';

const NAME = 'cluster add';
const fields: readonly Field[] = [
  { key: 'cluster', label: 'name of the cluster', of: 'text', required: true },
  { key: 'host', label: 'name of its first host', of: 'text', required: true },
  ...HOST_FIELDS,
  { key: 'data_region', label: 'data region', of: 'text', required: false, flag: true, hint: 'for example de' },
];

export const command = estateOperation({
  name: NAME,
  summary: 'Add a cluster with its first host: its key is shown, and pinned once you have confirmed its fingerprint.',
  fields,
  // Pinning a key is a decision about trust, which no grant gives away.
  roles: ['admin'],
  area: 'oversight',
  risk: 'routine',
  args: z.strictObject({ cluster: name, ...hostArguments, data_region: dataRegion.exactOptional() }),
  keyOf: (args, { estate }) => {
    const { cluster = '', host = '' } = args;
    if (estate.clusters.has(cluster)) return err(refusal('name_taken', `There is a cluster "${cluster}" already.`));
    if (estate.hosts.has(host)) return err(refusal('name_taken', `There is a host "${host}" already.`));
    return hostFrom(args);
  },
  plan: (facts, args) => {
    const host = hostFrom(args);
    if (!host.ok) return host;
    const added = withPinnedKey(host.value, facts.presented, { name: NAME, fields }, args);
    if (!added.ok) return added;
    const { document, pinned } = added.value;
    const region = args.data_region === undefined ? {} : { data_region: args.data_region };
    return planEdit(facts, {
      command: NAME,
      args,
      edit: {
        act: 'put',
        before: ABSENT,
        thing: {
          kind: 'cluster',
          name: args.cluster,
          cluster: args.cluster,
          document: { name: args.cluster, ...region },
          hosts: [document],
        },
      },
      effects: [
        `Adds the cluster ${args.cluster} with the host ${newHostInWords(document)} to the estate.`,
        pinned,
        'Nothing is run on the host.',
      ],
      next: `Check the way there with \`cluster connect ${args.cluster}\`, then add its sites with \`site add\`.`,
    });
  },
});
