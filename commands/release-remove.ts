import { z } from 'zod';
import { ok } from '../src/kernel/result.ts';
import { text } from './contract/answer.ts';
import { question } from './contract/command.ts';
import { nameOf, RELEASE_FIELD } from './contract/releases.ts';

export const command = question({
  name: 'release remove',
  summary: 'Take a release that no site runs off the list. Its files stay, and adding it again brings it back.',
  fields: [RELEASE_FIELD],
  roles: ['operator'],
  area: 'estate',
  risk: 'disruptive',
  args: z.strictObject({ release: z.string().min(1).max(255) }),
  answer: async (args, { releases, asker }) => {
    const found = await releases.find(args.release);
    if (!found.ok) return found;
    const removed = await releases.remove(found.value, asker.person);
    if (!removed.ok) return removed;
    const places = found.value.copies.map((copy) => `${copy.machine}: ${copy.path}`).join('; ');
    return ok({
      summary: `${nameOf(found.value)} is off the list.`,
      parts: [text({ strong: nameOf(found.value) }, ` is off the list. Its files stay where they are: ${places}.`)],
    });
  },
});
