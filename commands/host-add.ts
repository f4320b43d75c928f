import { z } from 'zod';
import { findCluster } from '../src/estate/estate.ts';
import { keyOf } from '../src/estate/thing.ts';
import { name } from '../src/estate/types.ts';
import { addsHost } from './contract/add-host.ts';
import { HOST_FIELDS, hostArguments } from './contract/new-host.ts';

export const command = addsHost({
  name: 'host add',
  summary: 'Add a host to a cluster: its key is shown, and pinned once you have confirmed its fingerprint.',
  fields: [
    { key: 'cluster', label: 'cluster', of: 'cluster', required: true },
    { key: 'host', label: 'name of the host', of: 'text', required: true },
    ...HOST_FIELDS,
  ],
  args: z.strictObject({ cluster: name, ...hostArguments }),
  objection: ({ cluster = '' }, estate) => {
    const found = findCluster(estate, cluster);
    return found.ok ? null : found.error;
  },
  thing: ({ cluster, host }, document) => ({ kind: 'host', name: host, cluster, document }),
  on: ({ cluster }) => keyOf('cluster', cluster),
  effect: ({ cluster }, host) => `Adds the host ${host} to the cluster ${cluster}.`,
  next: ({ host }) => `Check the way there with \`host test ${host}\`.`,
});
