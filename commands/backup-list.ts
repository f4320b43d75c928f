import { z } from 'zod';
import { findSite } from '../src/estate/estate.ts';
import { name } from '../src/estate/types.ts';
import { ok } from '../src/kernel/result.ts';
import { text } from './contract/answer.ts';
import { question } from './contract/command.ts';
import { bytesInWords } from './contract/words.ts';

/** Prints `name<TAB>KiB<TAB>yes|no` a backup, newest last; a folder without a manifest is not a backup. */
const LIST = `
cd "$P_site_dir/db_backup" 2>/dev/null || exit 0
for one in *; do
  [ -d "$one" ] && [ ! -L "$one" ] || continue
  case $one in *.partial) continue ;; esac
  [ -f "$one/manifest.json" ] && [ -f "$one/SHA256SUMS" ] && whole=yes || whole=no
  printf '%s\\t%s\\t%s\\n' "$one" "$(du -sk "$one" | cut -f1)" "$whole"
done
`;

export const command = question({
  name: 'backup list',
  summary: 'Show the backups that lie on a site’s host.',
  fields: [{ key: 'site', label: 'site', of: 'site', required: true }],
  area: 'data',
  args: z.strictObject({ site: name }),
  answer: async (args, { estate, hosts }) => {
    const site = findSite(estate, args.site);
    if (!site.ok) return site;
    const listed = await hosts.run(site.value.hostOf, LIST, { site_dir: site.value.site_dir });
    if (!listed.ok) return listed;
    const rows = new TextDecoder()
      .decode(listed.value.output)
      .split('\n')
      .map((line) => line.split('\t'))
      .filter((row) => row.length === 3)
      .reverse()
      .map(([folder = '', kib = '0', whole]) => [
        folder,
        bytesInWords(Number(kib) * 1024),
        whole === 'yes' ? 'checked' : 'incomplete',
      ]);
    if (rows.length === 0) {
      return ok({
        summary: `${args.site} has no backup.`,
        parts: [text(`${args.site} has no backup yet. `, { code: `backup ${args.site}` }, ' makes one.')],
      });
    }
    return ok({
      summary: `${args.site} has ${rows.length === 1 ? 'one backup' : `${rows.length} backups`}; the newest is ${rows[0]?.[0] ?? ''}.`,
      parts: [
        { kind: 'heading', text: `Backups of ${args.site}` },
        { kind: 'table', head: ['Backup', 'Size', 'State'], rows: rows.slice(0, 30) },
        text(
          `In ${site.value.site_dir}/db_backup on ${site.value.host}. Checked means read back after it was written; only a restore drill proves more.`,
        ),
      ],
    });
  },
});
