import { z } from 'zod';
import { ok } from '../src/kernel/result.ts';
import { question } from './contract/command.ts';
import { copySpans, nameOf, originSpans, RELEASE_FIELD } from './contract/releases.ts';
import { bytesInWords } from './contract/words.ts';

/** How many of its files are named. */
const SHOWN = 15;

export const command = question({
  name: 'release show',
  summary: 'Show a release: checksum, origin, where it lies, which sites run it, what it ships.',
  fields: [RELEASE_FIELD],
  area: 'estate',
  about: 'nothing',
  args: z.strictObject({ release: z.string().min(1).max(255) }),
  answer: async (args, { releases, sees }) => {
    const found = await releases.find(args.release);
    if (!found.ok) return found;
    const release = found.value;
    const [files, sites, glances] = await Promise.all([
      releases.files(release.id),
      releases.runBy(release),
      releases.glance(release),
    ]);
    const more = files.length > SHOWN ? `; and ${files.length - SHOWN} more` : '';
    return ok({
      summary: `${nameOf(release)}: ${bytesInWords(release.size)}.`,
      parts: [
        {
          kind: 'fields',
          rows: [
            { label: 'Release', value: [{ strong: `${release.product} ${release.version}` }, ` ${release.fileName}`] },
            { label: 'Size', value: [bytesInWords(release.size)] },
            { label: 'SHA-256', value: [{ code: release.sha256 }] },
            { label: 'Added by', value: originSpans(release) },
            ...glances.map((one) => ({ label: 'Lies', value: copySpans(one, releases.place) })),
            {
              label: 'Runs at',
              value: [
                sites
                  .filter(sees)
                  .map((site) => site.name)
                  .join(', ') || 'no site',
              ],
            },
            {
              label: 'Ships',
              value: [
                release.manifest
                  ? `${files.length} files: ${files
                      .slice(0, SHOWN)
                      .map((one) => one.path)
                      .join(', ')}${more}`
                  : 'UNKNOWN: only its checksum was taken where it lies. Add it again, and it is read.',
              ],
            },
          ],
        },
      ],
    });
  },
});
