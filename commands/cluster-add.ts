import { z } from 'zod';
import { dataRegion, name } from '../src/estate/types.ts';
import { refusal } from '../src/kernel/errors.ts';
import { addsHost } from './contract/add-host.ts';
import { HOST_FIELDS, hostArguments } from './contract/new-host.ts';

export const command = addsHost({
  name: 'cluster add',
  summary: 'Add a cluster with its first host: its key is shown, and pinned once you have confirmed its fingerprint.',
  fields: [
    { key: 'cluster', label: 'name of the cluster', of: 'text', required: true },
    { key: 'host', label: 'name of its first host', of: 'text', required: true },
    ...HOST_FIELDS,
    { key: 'data_region', label: 'data region', of: 'text', required: false, flag: true, hint: 'for example de' },
  ],
  args: z.strictObject({ cluster: name, ...hostArguments, data_region: dataRegion.exactOptional() }),
  objection: ({ cluster = '' }, estate) =>
    estate.clusters.has(cluster) ? refusal('name_taken', `There is a cluster "${cluster}" already.`) : null,
  thing: ({ cluster, data_region }, document) => ({
    kind: 'cluster',
    name: cluster,
    cluster,
    document: { name: cluster, ...(data_region === undefined ? {} : { data_region }) },
    hosts: [document],
  }),
  effect: ({ cluster }, host) => `Adds the cluster ${cluster} with the host ${host} to the estate.`,
  next: ({ cluster }) =>
    `Check the way there with \`cluster connect ${cluster}\`, then add its sites with \`site add\`.`,
});
