import { z } from 'zod';
import { ok } from '../src/kernel/result.ts';
import { text } from './contract/answer.ts';
import { question } from './contract/command.ts';

export const command = question({
  name: 'sites',
  summary: 'List the sites, their environments, versions and hosts.',
  fields: [],
  about: 'seen',
  args: z.strictObject({}),
  answer: async (_args, { estate, book, sees }) => {
    const busy = await book.active(null);
    const rows = [...estate.sites.values()].filter(sees).map((site) => {
      const running = busy.filter((one) => one.site === site.name).length;
      return [site.name, site.environment, site.version, site.host, running === 0 ? '' : `${running} active`];
    });
    if (rows.length === 0) {
      return ok({
        summary: 'There is no site yet.',
        parts: [
          text(
            'There is no site yet. Add one with ',
            { code: 'cluster add' },
            ' and ',
            { code: 'site add' },
            ', or import an estate with ',
            { code: 'twokey estate import FILE' },
            '.',
          ),
        ],
      });
    }
    return ok({
      summary: `${rows.length} sites: ${rows.map((row) => row[0]).join(', ')}.`,
      parts: [{ kind: 'table', head: ['Site', 'Environment', 'Version', 'Host', 'Now'], rows }],
    });
  },
});
