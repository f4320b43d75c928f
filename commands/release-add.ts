import { z } from 'zod';
import { ok } from '../src/kernel/result.ts';
import { question } from './contract/command.ts';
import { addedPart } from './contract/releases.ts';

export const command = question({
  name: 'release add',
  summary:
    'Add a version that can be installed: a file that you upload, from an https address, or from a host, where it stays. It is read whole first.',
  fields: [
    {
      key: 'source',
      label: 'address, or host:/path',
      of: 'text',
      required: true,
      // An address may hold a token.
      unwritten: true,
      hint: 'https://… or acme-app:/srv/app-8.2.0.tar.gz; nothing, if you upload the file',
    },
    { key: 'checksum', label: 'SHA-256', of: 'text', required: false, flag: true, hint: 'what it has to be' },
    {
      key: 'product',
      label: 'product',
      of: 'product',
      required: false,
      flag: true,
      hint: 'where several name their files alike; else the name tells it',
    },
  ],
  upload: {
    insteadOf: 'source',
    label: 'File',
    hint: 'a tar, plain or gzipped, under the name that its vendor gave it. Slack takes 10 MB here; for a larger one give the link of the file in a public channel.',
  },
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
    product: z.string().min(1).max(100).exactOptional(),
  }),
  answer: async ({ source, checksum, product }, { releases, asker, tell }) => {
    const added = await releases.add({
      source,
      sha256: checksum ?? null,
      product: product ?? null,
      by: asker.person,
      tell,
    });
    if (!added.ok) return added;
    const { release, fresh } = added.value;
    return ok({
      summary: `${release.product} ${release.version} is ${fresh ? 'added' : 'there already'}.`,
      parts: [addedPart(added.value)],
    });
  },
});
