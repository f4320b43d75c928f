import { z } from 'zod';
import { findHost } from '../src/estate/estate.ts';
import { hostKeyInWords, readKeyLine } from '../src/estate/host-key.ts';
import { sitesTouchedBy } from '../src/estate/target.ts';
import { name } from '../src/estate/types.ts';
import { ok } from '../src/kernel/result.ts';
import { contactSpans } from './contract/check-words.ts';
import { question } from './contract/command.ts';
import { commonFacts } from './contract/thing-facts.ts';

export const command = question({
  name: 'host show',
  summary: 'Show a host: way there, pinned keys, last contact, and the sites that depend on it.',
  fields: [{ key: 'host', label: 'host', of: 'host', required: true }],
  args: z.strictObject({ host: name }),
  answer: async (args, context) => {
    const { estate, estateBook } = context;
    const host = findHost(estate, args.host);
    if (!host.ok) return host;
    const { user, address, port, jump, sudo, base, cluster, roles, host_keys } = host.value;
    const sites = sitesTouchedBy(estate, host.value).map((site) => `${site.name} (${site.environment})`);
    const over = [...estate.hosts.values()].filter((other) => other.jump === args.host).map((other) => other.name);
    const keys = host_keys.map((line) => hostKeyInWords(readKeyLine(line)));
    const contacts = await estateBook.contacts();
    return ok({
      summary: `Host ${args.host}: ${user}@${address}:${port}, cluster ${cluster}.`,
      parts: [
        { kind: 'heading', text: `Host ${args.host}` },
        {
          kind: 'fields',
          rows: [
            { label: 'Cluster', value: [cluster] },
            { label: 'Roles', value: [roles.join(', ')] },
            {
              label: 'Way there',
              value: [
                `${user}@${address}:${port}${jump === undefined ? '' : `, over ${jump}`}${sudo === undefined ? '' : `, sudo to ${sudo}`}`,
              ],
            },
            { label: 'Pinned keys', value: [keys.join(', ') || 'none, so nothing connects'] },
            { label: 'Last contact', value: contactSpans(contacts.get(args.host), args.host) },
            { label: 'Job folder', value: [base] },
            { label: 'Sites that depend on it', value: [sites.join(', ') || 'none'] },
            ...(over.length === 0 ? [] : [{ label: 'Reached over it', value: [over.join(', ')] }]),
            ...(await commonFacts('host', args.host, context)),
          ],
        },
      ],
    });
  },
});
