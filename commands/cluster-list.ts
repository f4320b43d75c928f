import { z } from 'zod';
import { hostsOfCluster } from '../src/estate/estate.ts';
import { keyOf } from '../src/estate/thing.ts';
import { ok } from '../src/kernel/result.ts';
import { keysSeen } from '../src/operations/targets.ts';
import { text } from './contract/answer.ts';
import { question } from './contract/command.ts';

export const command = question({
  name: 'cluster list',
  summary: 'List the clusters with their hosts and sites.',
  fields: [],
  area: 'estate',
  about: 'seen',
  args: z.strictObject({}),
  answer: async (_args, { estate, config, asker }) => {
    const seen = keysSeen(asker, estate);
    const sees = (key: string) => seen === null || seen.includes(key);
    const rows = [...estate.clusters.values()].flatMap(({ name, data_region }) => {
      const hosts = hostsOfCluster(estate, name).map((host) => host.name);
      const sites = [...estate.sites.values()].filter((site) => site.cluster === name).map((site) => site.name);
      const seenHosts = hosts.filter((host) => sees(keyOf('host', host)));
      const seenSites = sites.filter(sees);
      if (!sees(keyOf('cluster', name)) && seenHosts.length + seenSites.length === 0) return [];
      return [[name, seenHosts.join(', ') || 'none', seenSites.join(', ') || 'none', data_region ?? '']];
    });
    const add = { code: `${config.slack.command} cluster add` };
    if (rows.length === 0)
      return ok({ summary: 'There is no cluster yet.', parts: [text('There is no cluster yet. ', add, ' adds one.')] });
    return ok({
      summary: `${rows.length} clusters: ${rows.map((row) => row[0]).join(', ')}.`,
      parts: [{ kind: 'table', head: ['Cluster', 'Hosts', 'Sites', 'Region'], rows }],
    });
  },
});
