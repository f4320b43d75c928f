import { readEnvironment } from './config/environment.ts';
import { coverageOf } from './estate/profile-coverage.ts';
import { ownProfilesFolder, validateProfile } from './estate/profile-load.ts';
import { complaintInWords } from './estate/profile-read.ts';

export const PROFILE_USAGE = 'profile validate FILE';

/** `twokey profile validate FILE`: says line by line what is wrong, or what the profile covers. Answers the exit code, null for other words. */
export function profileTool(words: readonly string[]): number | null {
  const [verb, file, ...rest] = words;
  if (verb !== 'validate' || file === undefined || rest.length > 0) return null;
  const { home } = readEnvironment();
  const checked = validateProfile(file, home);
  if (!('profile' in checked)) {
    for (const complaint of checked) console.error(complaintInWords(complaint));
    const count = checked.length === 1 ? 'one mistake' : `${checked.length} mistakes`;
    console.error(`${count}; docs/profiles.md explains every key.`);
    return 1;
  }
  const { profile } = checked;
  const { services, set, notSet, datastores, path, trim } = coverageOf(profile);
  const lines = [
    `ok: ${profile.name} (${profile.title})${profile.extends === undefined ? '' : `, extends ${profile.extends}`}`,
    `services: ${services.join(', ') || 'none'}`,
    `commands set: ${set.join(', ') || 'none'}`,
    ...notSet.map(({ place, note }) => `not set: ${place}: ${note}`),
    ...datastores.map(({ name, backup }) => `datastore ${name}: ${backup}`),
    `upgrade path: ${path}`,
    `trim: ${trim}`,
    `settings: ${Object.keys(profile.settings).join(', ') || 'none'}`,
    `It is used once it is ${ownProfilesFolder(home)}/${profile.name}.yml, from the next start on.`,
  ];
  console.log(lines.join('\n'));
  return 0;
}
