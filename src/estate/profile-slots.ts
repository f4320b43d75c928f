import type { Profile, ProfileCommand } from './profile.ts';
import type { Slot, Slots } from './template.ts';

const place: Slot = { type: 'path', place: true };

/** What Twokey itself knows of a site and its host, and may fill into any template. */
const SITE_SLOTS: Readonly<Record<string, Slot>> = {
  site: { type: 'name' },
  environment: { type: 'name' },
  site_dir: place,
  backup_dir: place,
  media_dir: place,
  current_version: { type: 'version' },
  db_host: { type: 'host' },
  db_port: { type: 'port' },
  db_name: { type: 'name' },
  db_user: { type: 'name' },
  reverse_site_name: { type: 'name' },
};

/** Folders that a template of the layout may not stand on, because they are known only after it. */
const LATER = {
  site_dir: ['site_dir', 'backup_dir', 'media_dir'],
  backup_dir: ['backup_dir', 'media_dir'],
  media_dir: ['backup_dir', 'media_dir'],
  release_dir: [],
} as const;
export const LAYOUT_FOLDERS = ['site_dir', 'backup_dir', 'media_dir', 'release_dir'] as const;

/** What a folder of the layout may be made of; `site_dir` only where it is known already. */
export function layoutSlots(profile: Pick<Profile, 'settings'>, key: (typeof LAYOUT_FOLDERS)[number]): Slots {
  const later: readonly string[] = LATER[key];
  return new Map([...siteSlots(profile)].filter(([name]) => !later.includes(name)));
}

/** What may fill a template of a profile: what Twokey knows of a site, and the profile's settings. */
export function siteSlots(profile: Pick<Profile, 'settings'>): Slots {
  return new Map([...Object.entries(SITE_SLOTS), ...Object.entries(profile.settings)]);
}

/** What may fill a command's template: the same, and its own parameters. */
export function commandSlots(profile: Pick<Profile, 'settings'>, command: Pick<ProfileCommand, 'parameters'>): Slots {
  return new Map([...siteSlots(profile), ...Object.entries(command.parameters)]);
}
