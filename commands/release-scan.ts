import { z } from 'zod';
import { ok } from '../src/kernel/result.ts';
import { text } from './contract/answer.ts';
import { question } from './contract/command.ts';
import { addedPart } from './contract/releases.ts';

/** How many files an answer names. */
const SHOWN = 20;

export const command = question({
  name: 'release scan',
  summary: 'Add what somebody put into the folder `releases` of the data directory; also done at the start.',
  fields: [],
  roles: ['operator'],
  area: 'estate',
  risk: 'routine',
  args: z.strictObject({}),
  answer: async (_args, { releases, asker }) => {
    const { added, refused } = await releases.scan(asker.person);
    const summary = `${added.length} files added, ${refused.length} refused.`;
    if (added.length + refused.length === 0)
      return ok({ summary: 'Nothing new is there.', parts: [text('Nothing new is in the folder.')] });
    return ok({
      summary,
      parts: [
        text(summary),
        ...added.slice(0, SHOWN).map(addedPart),
        ...refused
          .slice(0, SHOWN)
          .map(({ fileName, why }) => text('Not added, and left as it is: ', { code: fileName }, `. ${why}`)),
      ],
    });
  },
});
