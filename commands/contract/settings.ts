import { z } from 'zod';
import { findSite } from '../../src/estate/estate.ts';
import type { Profile } from '../../src/estate/profile.ts';
import { findProfile } from '../../src/estate/profile-load.ts';
import type { SettingsDocument } from '../../src/estate/site-settings.ts';
import { name, type Site } from '../../src/estate/types.ts';
import { didYouMean } from '../../src/kernel/did-you-mean.ts';
import { type Refusal, refusal } from '../../src/kernel/errors.ts';
import { err, type Result } from '../../src/kernel/result.ts';
import type { EstatePlannable } from '../../src/operations/estate/facts.ts';
import type { SettingsState } from '../../src/operations/settings/book.ts';
import type { SettingsFacts } from '../../src/operations/settings/facts.ts';
import { planSettings } from '../../src/operations/settings/plan-settings.ts';
import { type Answer, type Part, text } from './answer.ts';
import { estateOperation, type OperationCommand, type Question, type QuestionContext, question } from './command.ts';
import type { Field } from './field.ts';

const SITE: Field = { key: 'site', label: 'site', of: 'site', required: true };

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

/** A site, its profile, and what is stored and runs there. */
export interface SiteSettings {
  readonly site: Site;
  readonly profile: Profile;
  readonly state: SettingsState;
}

/** Declares a question about the settings of a site, or about one of them. */
export function settingsQuestion(
  it: Pick<Question, 'name' | 'summary'> & {
    /** `key` is the one setting that is asked about; undefined for all. */
    readonly answer: (
      its: SiteSettings,
      key: string | undefined,
      context: QuestionContext,
    ) => Result<Answer, Refusal> | Promise<Result<Answer, Refusal>>;
  },
): Question {
  return question({
    name: it.name,
    summary: it.summary,
    fields: [SITE, { key: 'key', label: 'setting', of: 'text', required: false }],
    args: z.strictObject({ site: name, key: z.string().max(100).optional() }),
    answer: async ({ site: siteName, key }, context) => {
      const site = findSite(context.estate, siteName);
      if (!site.ok) return site;
      const profile = findProfile(context.profiles, site.value.profile);
      if (!profile.ok) return profile;
      const state = await context.settings.state(site.value.name);
      return it.answer({ site: site.value, profile: profile.value.profile, state }, key, context);
    },
  });
}

/** The arguments that every change of settings takes beside its own. */
export const CHANGE_ARGS = { site: name, advanced: z.literal('yes').exactOptional() };

/** Declares a command that writes a new version of a site's settings, as a plan of one local step. */
export function settingsChange<
  S extends z.ZodType<Readonly<Record<string, string>> & { readonly site: string; readonly advanced?: 'yes' }>,
>(
  it: Pick<Question, 'name' | 'summary' | 'fields'> & {
    /** A strict object of CHANGE_ARGS and what is this command's own. */
    readonly args: S;
    /** What is to be stored, and why, for the history. Pure. */
    readonly wanted: (
      settings: SettingsFacts,
      args: z.output<S>,
    ) => Result<{ readonly document: SettingsDocument; readonly why: string }, Refusal>;
  },
): OperationCommand & EstatePlannable {
  return estateOperation({
    name: it.name,
    summary: it.summary,
    fields: [SITE, ...it.fields, ADVANCED_FIELD],
    area: 'site',
    risk: 'routine',
    settings: true,
    args: it.args,
    plan: ({ estate, settings }, args) => {
      if (!settings) return err(refusal('unknown_site', `There is no site "${args.site}".`));
      const wanted = it.wanted(settings, args);
      if (!wanted.ok) return wanted;
      return planSettings(estate, settings, {
        command: it.name,
        args,
        ...wanted.value,
        advanced: args.advanced === 'yes',
      });
    },
  });
}

/** Every setting that a site has: those of its profile, and those that were stored before the profile gave them up. */
export function settingKeys({ profile, state }: Pick<SiteSettings, 'profile' | 'state'>): readonly string[] {
  return [...new Set([...Object.keys(profile.settings), ...Object.keys(state.document)])];
}

/** For a key that is none of the site's settings, with the nearest. */
export function noSuchSetting(its: Pick<SiteSettings, 'profile' | 'state'>, key: string): Refusal {
  const near = didYouMean(key, settingKeys(its));
  const hint = near === undefined ? '' : ` Did you mean \`${near}\`?`;
  return refusal('bad_arguments', `The profile ${its.profile.name} has no setting "${key}".${hint}`);
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
