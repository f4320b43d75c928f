import { z } from 'zod';
import { findCluster, hostsOfCluster } from '../src/estate/estate.ts';
import { name } from '../src/estate/types.ts';
import { ok } from '../src/kernel/result.ts';
import { contactSpans } from './contract/check-words.ts';
import { question } from './contract/command.ts';
import { commonFacts } from './contract/thing-facts.ts';

export const command = question({
  name: 'cluster show',
  summary: 'Show a cluster: its hosts with the last contact, its sites, how changes on it are treated.',
  fields: [{ key: 'cluster', label: 'cluster', of: 'cluster', required: true }],
  area: 'estate',
  args: z.strictObject({ cluster: name }),
  answer: async (args, context) => {
    const { estate, estateBook } = context;
    const cluster = findCluster(estate, args.cluster);
    if (!cluster.ok) return cluster;
    const hosts = hostsOfCluster(estate, args.cluster);
    const sites = [...estate.sites.values()].filter((site) => site.cluster === args.cluster);
    const contacts = await estateBook.contacts();
    return ok({
      summary: `Cluster ${args.cluster}: ${hosts.length} hosts, ${sites.length} sites.`,
      parts: [
        { kind: 'heading', text: `Cluster ${args.cluster}` },
        {
          kind: 'fields',
          rows: [
            { label: 'Data region', value: [cluster.value.data_region ?? 'not said'] },
            ...(await commonFacts('cluster', args.cluster, context)),
            ...hosts.map((host) => ({
              label: `Host ${host.name}`,
              value: [`${host.roles.join(', ')}; `, ...contactSpans(contacts.get(host.name), host.name)],
            })),
          ],
        },
        {
          kind: 'table',
          head: ['Site', 'Environment', 'Version', 'Host'],
          rows: sites.map((site) => [site.name, site.environment, site.version, site.host]),
        },
      ],
    });
  },
});
