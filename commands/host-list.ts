import { z } from 'zod';
import { findCluster } from '../src/estate/estate.ts';
import { keyOf } from '../src/estate/thing.ts';
import { name } from '../src/estate/types.ts';
import { ok } from '../src/kernel/result.ts';
import { keysSeen } from '../src/operations/targets.ts';
import { text } from './contract/answer.ts';
import { question } from './contract/command.ts';

export const command = question({
  name: 'host list',
  summary: 'List the hosts, of one cluster or of all: address, roles, and when they last answered.',
  fields: [{ key: 'cluster', label: 'cluster', of: 'cluster', required: false }],
  area: 'host',
  about: 'seen',
  args: z.strictObject({ cluster: name.optional() }),
  answer: async (args, { estate, estateBook, asker }) => {
    const seen = keysSeen(asker, estate);
    if (args.cluster !== undefined) {
      const cluster = findCluster(estate, args.cluster);
      if (!cluster.ok) return cluster;
    }
    const contacts = await estateBook.contacts();
    const rows = [...estate.hosts.values()]
      .filter((host) => args.cluster === undefined || host.cluster === args.cluster)
      .filter((host) => seen === null || seen.includes(keyOf('host', host.name)))
      .map((host) => {
        const contact = contacts.get(host.name);
        const answered = contact?.answeredAt?.toISOString().slice(0, 16).replace('T', ' ');
        const looked = contact === undefined ? 'not looked at' : contact.answered ? 'answered' : 'did not answer';
        return [
          host.name,
          host.cluster,
          `${host.address}:${host.port}`,
          host.roles.join(', '),
          host.shell === 'none' ? 'no shell' : looked,
          answered ? `${answered} UTC` : '',
        ];
      });
    if (rows.length === 0) return ok({ summary: 'There is no host.', parts: [text('There is no host.')] });
    return ok({
      summary: `${rows.length} hosts: ${rows.map((row) => row[0]).join(', ')}.`,
      parts: [{ kind: 'table', head: ['Host', 'Cluster', 'Address', 'Roles', 'Last look', 'Last answer'], rows }],
    });
  },
});
