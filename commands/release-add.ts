import { z } from 'zod';
import { ok } from '../src/kernel/result.ts';
import { question } from './contract/command.ts';
import { addedPart } from './contract/releases.ts';

export const command = question({
  name: 'release add',
  summary:
    'Add a version that can be installed, from an https address or from a host, where it stays. It is read whole first.',
  fields: [
    {
      key: 'source',
      label: 'address, or host:/path',
      of: 'text',
      required: true,
      // An address may hold a token.
      unwritten: true,
      hint: 'https://… or acme-app:/srv/app-8.2.0.tar.gz',
    },
    { key: 'checksum', label: 'SHA-256', of: 'text', required: false, flag: true, hint: 'what it has to be' },
  ],
  roles: ['operator'],
  area: 'estate',
  risk: 'routine',
  args: z.strictObject({
    source: z.string().min(1).max(1_500),
    checksum: z
      .string()
      .transform((sum) => sum.toLowerCase())
      .pipe(z.string().regex(/^[0-9a-f]{64}$/, '64 hexadecimal digits'))
      .exactOptional(),
  }),
  answer: async ({ source, checksum }, { releases, asker }) => {
    const added = await releases.add(source, checksum ?? null, asker.person);
    if (!added.ok) return added;
    const { release, fresh } = added.value;
    return ok({
      summary: `${release.product} ${release.version} is ${fresh ? 'added' : 'there already'}.`,
      parts: [addedPart(added.value)],
    });
  },
});
