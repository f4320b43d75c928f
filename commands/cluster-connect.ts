import { z } from 'zod';
import { findCluster, hostsOfCluster } from '../src/estate/estate.ts';
import { name } from '../src/estate/types.ts';
import { ok } from '../src/kernel/result.ts';
import { text } from './contract/answer.ts';
import { question } from './contract/command.ts';
import { testHosts } from './contract/test-hosts.ts';

export const command = question({
  name: 'cluster connect',
  summary: 'Connect to every host of a cluster anew, checking their keys again, and say how that went.',
  fields: [{ key: 'cluster', label: 'cluster', of: 'cluster', required: true }],
  area: 'host',
  args: z.strictObject({ cluster: name }),
  answer: async (args, context) => {
    const cluster = findCluster(context.estate, args.cluster);
    if (!cluster.ok) return cluster;
    const hosts = hostsOfCluster(context.estate, args.cluster);
    const boxes = hosts.filter((host) => host.shell === 'none').length;
    const { answering, parts } = await testHosts(hosts, context);
    const summary =
      hosts.length === 0
        ? `The cluster ${args.cluster} has no host.`
        : `${answering} of ${hosts.length} hosts of ${args.cluster} are connected.${boxes === 0 ? '' : ` ${boxes} of them have no shell.`}`;
    return ok({ summary, parts: [text(summary), ...parts] });
  },
});
