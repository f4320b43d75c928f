import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { z } from 'zod';
import { didYouMean } from '../kernel/did-you-mean.ts';
import { CodedError, messageOf } from '../kernel/errors.ts';
import { type Duty, type DutyLists, dutyDocument } from './duty.ts';
import type { Profile } from './profile.ts';
import type { Profiles } from './profile-load.ts';

const SHIPPED = fileURLToPath(new URL('./duties/', import.meta.url));
const NEXT = 'Correct the file; "Duties" in docs/profiles.md explains it.';

function readList(file: string): readonly Duty[] {
  let raw: unknown;
  try {
    raw = parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new CodedError('bad_configuration', `${file} cannot be read: ${messageOf(error)}`, { next: NEXT });
  }
  const checked = dutyDocument.safeParse(raw);
  if (checked.success) return checked.data.duties;
  throw new CodedError('bad_configuration', `${file} is not right:\n${z.prettifyError(checked.error)}`, { next: NEXT });
}

/**
 * Reads the shipped lists of duties and those in the folder `duties` of the data directory, once.
 * @throws CodedError bad_configuration for a list that is not right, for one of your own that has a shipped one's name,
 *   and for a profile that names a list which is not there
 */
export function loadDutyLists(home: string, profiles: Profiles): DutyLists {
  const lists = new Map<string, readonly Duty[]>();
  for (const folder of [SHIPPED, join(home, 'duties')]) {
    if (!existsSync(folder)) continue;
    for (const entry of readdirSync(folder).sort()) {
      const name = /^([a-z0-9][a-z0-9.-]*)\.yml$/.exec(entry)?.[1];
      if (name === undefined) continue;
      if (lists.has(name))
        throw new CodedError(
          'bad_configuration',
          `${join(folder, entry)}: the list "${name}" is shipped with Twokey.`,
          {
            next: 'Give yours a name of its own, and name it as `duties` of a profile.',
          },
        );
      lists.set(name, readList(join(folder, entry)));
    }
  }
  for (const { profile, file } of profiles.values()) {
    if (lists.has(profile.duties)) continue;
    const near = didYouMean(profile.duties, [...lists.keys()]);
    const hint = near === undefined ? `Known are ${[...lists.keys()].join(', ')}.` : `Did you mean "${near}"?`;
    throw new CodedError('bad_configuration', `${file}: there is no list of duties "${profile.duties}". ${hint}`, {
      next: NEXT,
    });
  }
  return lists;
}

/** What has to be answered for on a site of this profile: its list, and each job that must run on one host only. */
export function dutiesOf(profile: Profile, lists: DutyLists): readonly Duty[] {
  const listed = lists.get(profile.duties) ?? [];
  const jobs = profile.single_instance_jobs.map(
    (job): Duty => ({
      item: `job-${job.name}`,
      area: 'scheduled jobs',
      title: `${job.title}: runs on one host only, and does run`,
      accountable: 'customer',
      covers: [{ check: 'job.fresh', planned: true }],
      ...(job.note === undefined ? {} : { note: job.note.replaceAll(/\s+/g, ' ').slice(0, 200) }),
    }),
  );
  return [...listed, ...jobs.filter((job) => !listed.some((one) => one.item === job.item))];
}
