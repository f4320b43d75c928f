import { z } from 'zod';
import { ok } from '../src/kernel/result.ts';
import { type Part, text } from './contract/answer.ts';
import { question } from './contract/command.ts';
import { nameOf, RELEASE_FIELD } from './contract/releases.ts';

const STATE_WORDS = { whole: 'OK', damaged: 'DAMAGED', unknown: 'UNKNOWN' } as const;

export const command = question({
  name: 'release verify',
  summary: 'Read every copy of a release again and compare its checksum.',
  fields: [RELEASE_FIELD],
  area: 'estate',
  args: z.strictObject({ release: z.string().min(1).max(255) }),
  answer: async (args, { releases, asker }) => {
    const found = await releases.find(args.release);
    if (!found.ok) return found;
    const looked = await releases.verify(found.value, asker.person);
    const bad = looked.filter((one) => one.state === 'damaged').length;
    const open = looked.filter((one) => one.state === 'unknown').length;
    const verdict =
      bad > 0
        ? `${bad} of ${looked.length} copies are damaged`
        : open > 0
          ? `${open} copies could not be read`
          : 'whole';
    const parts = looked.map(
      ({ copy, state, words }): Part =>
        text({ strong: STATE_WORDS[state] }, ` ${copy.machine}, `, { code: copy.path }, `: ${words}.`),
    );
    const next = bad > 0 ? [text('Do not install it from there: get it from its vendor again.')] : [];
    return ok({ summary: `${nameOf(found.value)}: ${verdict}.`, parts: [...parts, ...next] });
  },
});
