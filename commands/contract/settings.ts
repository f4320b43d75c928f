import { z } from 'zod';
import { findSite } from '../../src/estate/estate.ts';
import type { Profile } from '../../src/estate/profile.ts';
import { findProfile } from '../../src/estate/profile-load.ts';
import type { Site } from '../../src/estate/types.ts';
import { type Refusal, refusal } from '../../src/kernel/errors.ts';
import { ok, type Result } from '../../src/kernel/result.ts';
import type { SettingsState } from '../../src/operations/settings/book.ts';
import { type Part, text } from './answer.ts';
import type { Field, QuestionContext } from './command.ts';

/** The option without which an advanced setting stays as it is. */
export const ADVANCED_FIELD: Field = {
  key: 'advanced',
  label: 'also advanced settings',
  of: 'text',
  required: false,
  flag: true,
  bare: true,
  hint: 'yes, if you are sure',
};
export const advancedFlag = z.literal('yes').exactOptional();

/** A site, its profile, and what is stored and runs there. */
export interface SiteSettings {
  readonly site: Site;
  readonly profile: Profile;
  readonly state: SettingsState;
}

/** Refusals: unknown_site, unknown_profile. */
export async function siteSettings(
  siteName: string,
  { estate, profiles, settings }: Pick<QuestionContext, 'estate' | 'profiles' | 'settings'>,
): Promise<Result<SiteSettings, Refusal>> {
  const site = findSite(estate, siteName);
  if (!site.ok) return site;
  const profile = findProfile(profiles, site.value.profile);
  if (!profile.ok) return profile;
  return ok({ site: site.value, profile: profile.value.profile, state: await settings.state(site.value.name) });
}

/** `version 3 is stored, version 2 runs`. */
export function versionsInWords({ version, running, uncertain }: SettingsState): string {
  const known = running === 0 ? 'Twokey has not deployed any yet' : `version ${running} runs`;
  const last = running === 0 ? '' : `; the last that surely ran is version ${running}`;
  const runs = uncertain ? `what runs is not certain, because a redeploy has not ended well${last}` : known;
  return version === 0 ? `nothing has been set yet, ${runs}` : `version ${version} is stored, ${runs}`;
}

/** Says that a redeploy is missing, and how it is asked for; nothing when none is. */
export function pendingPart({ site, state }: SiteSettings, command: string): readonly Part[] {
  return state.pendingRedeploy
    ? [
        text({ strong: 'Redeploy pending: ' }, 'what is stored holds only when the site is deployed again. Next: ', {
          code: `${command} redeploy ${site.name}`,
        }),
      ]
    : [];
}

/** When a command that changes settings finds nothing to change them of. */
export function noSettings(site: string): Refusal {
  return refusal('unknown_site', `There is no site "${site}".`);
}
