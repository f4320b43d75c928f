import { z } from 'zod';
import { findHost } from '../src/estate/estate.ts';
import { name } from '../src/estate/types.ts';
import { ok } from '../src/kernel/result.ts';
import { question } from './contract/command.ts';
import { testHosts } from './contract/test-hosts.ts';

export const command = question({
  name: 'host test',
  summary: 'Connect to a host anew and say how that went: key, login, sudo, clock.',
  fields: [{ key: 'host', label: 'host', of: 'host', required: true }],
  area: 'host',
  args: z.strictObject({ host: name }),
  answer: async (args, context) => {
    const host = findHost(context.estate, args.host);
    if (!host.ok) return host;
    const { answering, parts } = await testHosts([host.value], context);
    return ok({ summary: `${args.host} ${answering === 1 ? 'is connected' : 'is not connected'}.`, parts });
  },
});
