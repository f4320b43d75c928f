import type { Duty } from '../../src/estate/duty.ts';
import { dutiesOf } from '../../src/estate/duty-lists.ts';
import { findSite } from '../../src/estate/estate.ts';
import { findProfile } from '../../src/estate/profile-load.ts';
import type { Refusal } from '../../src/kernel/errors.ts';
import type { Result } from '../../src/kernel/result.ts';
import { findDuty } from '../../src/operations/duties.ts';
import type { QuestionContext } from './command.ts';

/** A duty of a site by its name. Refusals: unknown_site, unknown_profile, unknown_duty. */
export function dutyOfSite(
  { estate, profiles, duties }: Pick<QuestionContext, 'estate' | 'profiles' | 'duties'>,
  siteName: string,
  item: string,
): Result<Duty, Refusal> {
  const site = findSite(estate, siteName);
  if (!site.ok) return site;
  const profile = findProfile(profiles, site.value.profile);
  return profile.ok ? findDuty(dutiesOf(profile.value.profile, duties.lists), item, siteName) : profile;
}
