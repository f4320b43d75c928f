import { z } from 'zod';
import { findHost } from '../src/estate/estate.ts';
import { hostKeyInWords, readKeyLine } from '../src/estate/host-key.ts';
import { sitesTouchedBy } from '../src/estate/target.ts';
import { type Host, name } from '../src/estate/types.ts';
import { ok } from '../src/kernel/result.ts';
import { contactSpans } from './contract/check-words.ts';
import { question } from './contract/command.ts';
import { commonFacts, type Fact } from './contract/thing-facts.ts';

/** How a host is reached, and by what both sides know one another. */
function wayFacts(host: Host): readonly Fact[] {
  const { user, address, port, jump, sudo, transport, key_file, agent, certificate_file } = host;
  if (host.shell === 'none')
    return [{ label: 'Way there', value: [`${address}; it has no shell, nothing connects to it`] }];
  const over = jump === undefined ? '' : `, over ${jump}`;
  const own = key_file ?? (typeof agent === 'string' ? `the ssh-agent at ${agent}` : 'the ssh-agent of Twokey');
  const [keys, authorities] = [host.host_keys, host.host_ca].map((lines) =>
    lines.map((line) => hostKeyInWords(readKeyLine(line))).join(', '),
  );
  return [
    {
      label: 'Way there',
      value: [`${user}@${address}:${port}${over}${sudo === undefined ? '' : `, sudo to ${sudo}`}`],
    },
    { label: 'Pinned keys', value: [keys || (authorities ? 'none' : 'none, so nothing connects')] },
    ...(authorities ? [{ label: 'Authorities for its key', value: [authorities] }] : []),
    {
      label: 'Our key',
      value: [`${own}${certificate_file === undefined ? '' : `, certificate ${certificate_file}`}; by ${transport}`],
    },
  ];
}

export const command = question({
  name: 'host show',
  summary: 'Show a host: way there, pinned keys, last contact, and the sites that depend on it.',
  fields: [{ key: 'host', label: 'host', of: 'host', required: true }],
  area: 'host',
  args: z.strictObject({ host: name }),
  answer: async (args, context) => {
    const { estate, estateBook } = context;
    const host = findHost(estate, args.host);
    if (!host.ok) return host;
    const { address, base, cluster, disruptive_at_once: atOnce, roles, shell } = host.value;
    const sites = sitesTouchedBy(estate, host.value)
      .filter(context.sees)
      .map((site) => `${site.name} (${site.environment})`);
    const over = [...estate.hosts.values()].filter((other) => other.jump === args.host).map((other) => other.name);
    const contacts = await estateBook.contacts();
    return ok({
      summary: `Host ${args.host}: ${address}, cluster ${cluster}.`,
      parts: [
        { kind: 'heading', text: `Host ${args.host}` },
        {
          kind: 'fields',
          rows: [
            { label: 'Cluster', value: [cluster] },
            { label: 'Roles', value: [roles.join(', ')] },
            ...wayFacts(host.value),
            { label: 'Last contact', value: contactSpans(contacts.get(args.host), args.host) },
            { label: 'Job folder', value: [base] },
            ...(shell === 'none' ? [] : [{ label: 'Disruptive operations at once', value: [String(atOnce)] }]),
            { label: 'Sites that depend on it', value: [sites.join(', ') || 'none'] },
            ...(over.length === 0 ? [] : [{ label: 'Reached over it', value: [over.join(', ')] }]),
            ...(await commonFacts('host', args.host, context)),
          ],
        },
      ],
    });
  },
});
