import { z } from 'zod';
import { momentAt } from '../approvals/calendar.ts';
import { findSite } from '../src/estate/estate.ts';
import type { Site } from '../src/estate/types.ts';
import { name } from '../src/estate/types.ts';
import type { Refusal } from '../src/kernel/errors.ts';
import { ok, type Result } from '../src/kernel/result.ts';
import { policyOf } from '../src/operations/site-policy.ts';
import { stateWords } from '../src/operations/waiting.ts';
import { type Part, text } from './contract/answer.ts';
import { type QuestionContext, question } from './contract/command.ts';
import { bytesInWords, momentInWords } from './contract/words.ts';

/** One round trip: the newest whole backup, free space, load. */
const LOOK = `
newest=$(ls -1 "$P_site_dir/db_backup" 2>/dev/null | grep -v '\\.partial$' | LC_ALL=C sort | tail -n 1)
printf 'backup=%s\\n' "$newest"
df -Pk "$P_site_dir" | awk 'NR == 2 { printf "free=%.0f\\nused=%s\\n", $4 * 1024, $5 }'
cut -d ' ' -f 1-3 /proc/loadavg 2>/dev/null | sed 's/^/load=/'
cut -d . -f 1 /proc/uptime 2>/dev/null | sed 's/^/uptime=/'
`;

function sitesOf({ estate, sees }: QuestionContext, wanted: string | undefined): Result<readonly Site[], Refusal> {
  if (wanted === undefined) return ok([...estate.sites.values()].filter(sees));
  const found = findSite(estate, wanted);
  return found.ok ? ok([found.value]) : found;
}

async function lookAt(site: Site, context: QuestionContext): Promise<Part> {
  const { calendar } = policyOf(context.config, context.estate, site, await context.freezes.current());
  const window = calendar ? momentInWords(momentAt(calendar, await context.book.now())) : 'no calendar applies';
  const active = await context.book.active(site.name);
  const seen = await context.hosts.run(site.hostOf, LOOK, { site_dir: site.site_dir });
  const facts = new Map(
    (seen.ok ? new TextDecoder().decode(seen.value.output) : '')
      .split('\n')
      .filter((line) => line.includes('='))
      .map((line): [string, string] => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
  const free = facts.get('free');
  return {
    kind: 'fields',
    rows: [
      { label: 'Site', value: [{ strong: site.name }, ` (${site.environment}, ${site.version})`] },
      {
        label: 'Host',
        value: [
          site.host,
          seen.ok ? ` answers, load ${facts.get('load') ?? 'unknown'}` : ` UNKNOWN: ${seen.error.message}`,
        ],
      },
      { label: 'Window', value: [window] },
      { label: 'Newest backup', value: [seen.ok ? facts.get('backup') || 'none' : 'UNKNOWN'] },
      {
        label: 'Disk',
        value: [
          free === undefined ? 'UNKNOWN' : `${bytesInWords(Number(free))} free, ${facts.get('used') ?? '?'} used`,
        ],
      },
      {
        label: 'Operations',
        value: [
          active.length === 0
            ? 'none'
            : active.map((one) => `${one.id} ${one.command} (${stateWords(one)})`).join(', '),
        ],
      },
    ],
  };
}

export const command = question({
  name: 'status',
  summary: 'Look at a site, or at all of them: host, window, newest backup, disk, what runs.',
  fields: [{ key: 'site', label: 'site', of: 'site', required: false }],
  about: 'seen',
  args: z.strictObject({ site: name.optional() }),
  answer: async (args, context) => {
    const chosen = sitesOf(context, args.site);
    if (!chosen.ok) return chosen;
    const parts = await Promise.all(chosen.value.map((site) => lookAt(site, context)));
    return ok({
      summary: `Status of ${chosen.value.map((site) => site.name).join(', ') || 'nothing: there is no site yet'}.`,
      parts: parts.length > 0 ? parts : [text('There is no site yet.')],
    });
  },
});
