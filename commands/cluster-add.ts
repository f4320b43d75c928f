import { z } from 'zod';
import { hostKeyInWords } from '../src/estate/host-key.ts';
import { ABSENT } from '../src/estate/thing.ts';
import { dataRegion, name } from '../src/estate/types.ts';
import { refusal } from '../src/kernel/errors.ts';
import { err } from '../src/kernel/result.ts';
import { planEdit } from '../src/operations/estate/plan-edit.ts';
import { estateOperation, type Field } from './contract/command.ts';
import { confirmed } from './contract/host-key.ts';
import { HOST_FIELDS, hostArguments, hostFrom } from './contract/new-host.ts';

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
  // Pinning a key is a decision about trust.
  roles: ['admin'],
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
    const { presented } = facts;
    if (presented === null) return err(refusal('internal', 'the host was not asked for its key'));
    const objection = confirmed(args.host, presented, { name: NAME, fields }, args);
    if (objection) return err(objection);
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
          hosts: [{ ...host.value, host_keys: [presented.line] }],
        },
      },
      effects: [
        `Adds the cluster ${args.cluster} with the host ${args.host} (${host.value.user}@${host.value.address}:${host.value.port}) to the estate.`,
        `Pins the key ${hostKeyInWords(presented)} for ${args.host}.`,
        'Nothing is run on the host.',
      ],
      next: `Check the way there with \`cluster connect ${args.cluster}\`, then add its sites with \`site add\`.`,
    });
  },
});
