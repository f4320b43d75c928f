import { z } from 'zod';
import { ok } from '../src/kernel/result.ts';
import { text } from './contract/answer.ts';
import { question } from './contract/command.ts';
import { nameOf } from './contract/releases.ts';
import { bytesInWords } from './contract/words.ts';

/** How many releases an answer shows. */
const SHOWN = 40;

export const command = question({
  name: 'release list',
  summary: 'List the versions that can be installed: size, where each lies, which sites run it.',
  fields: [],
  area: 'estate',
  about: 'nothing',
  args: z.strictObject({}),
  answer: async (_args, { releases, config, sees }) => {
    const all = await releases.list();
    if (all.length === 0)
      return ok({
        summary: 'No release is there.',
        parts: [text('No release is there. Add one with ', { code: `${config.slack.command} release add` }, '.')],
      });
    const rows = await Promise.all(
      all.slice(0, SHOWN).map(async (one) => {
        const sites =
          (await releases.runBy(one))
            .filter(sees)
            .map((site) => site.name)
            .join(', ') || 'no site';
        const bad = one.copies.some((copy) => copy.problem !== null) ? ' (DAMAGED)' : '';
        return [
          nameOf(one),
          bytesInWords(one.size),
          `${one.copies.map((copy) => copy.machine).join(', ')}${bad}`,
          sites,
        ];
      }),
    );
    const more = all.length > SHOWN ? [text(`and ${all.length - SHOWN} more.`)] : [];
    return ok({
      summary: `${all.length} releases.`,
      parts: [{ kind: 'table', head: ['Release', 'Size', 'Lies at', 'Runs at'], rows }, ...more],
    });
  },
});
