import { didYouMean } from '../kernel/did-you-mean.ts';
import { type Refusal, refusal } from '../kernel/errors.ts';
import { err, ok, type Result } from '../kernel/result.ts';
import { checkValue } from './parameter.ts';
import type { Profile } from './profile.ts';

/** A setting as it may be stored. */
export interface CheckedSetting {
  readonly key: string;
  /** The value, or for a secret the name of its file in the secrets folder. */
  readonly value: string;
  readonly secret: boolean;
  readonly needsRedeploy: boolean;
}

/** The setting of that key in a profile; undefined when the profile does not have it (any more). */
export function settingOf(profile: Profile, key: string): Profile['settings'][string] | undefined {
  return Object.hasOwn(profile.settings, key) ? profile.settings[key] : undefined;
}

/**
 * Checks what somebody wants to set. Pure: nothing is stored.
 * Refusal: bad_arguments for a key the profile does not have, an advanced one without `advanced`, or a value that is not of
 * its type. The value is never repeated.
 */
export function checkSetting(
  profile: Profile,
  key: string,
  text: string,
  { advanced }: { readonly advanced: boolean },
): Result<CheckedSetting, Refusal> {
  const setting = settingOf(profile, key);
  if (!setting) {
    const known = Object.keys(profile.settings);
    const near = didYouMean(key, known);
    const hint =
      near !== undefined
        ? `Did you mean \`${near}\`?`
        : known.length === 0
          ? 'It has none.'
          : `It has ${known.join(', ')}.`;
    const why = `The profile ${profile.name} has no setting "${key}". ${hint}`;
    return err(refusal('bad_arguments', why, `See \`profile show ${profile.name}\` for its settings.`));
  }
  if (setting.advanced && !advanced) return err(refuseAdvanced(key, setting.description));
  const checked = setting.secret ? checkValue(key, { type: 'file_name' }, text) : checkValue(key, setting, text);
  if (!checked.ok && setting.secret)
    return err(
      refusal(
        'bad_arguments',
        `\`${key}\` is a secret: name the file that holds it, never the secret itself.`,
        'Put the secret into the data directory’s `secrets` folder, mode 0600, and give the name of that file.',
      ),
    );
  if (!checked.ok) return checked;
  return ok({ key, value: checked.value, secret: setting.secret, needsRedeploy: setting.needs_redeploy });
}

/** Why an advanced setting is not changed in passing. */
export function refuseAdvanced(key: string, description: string): Refusal {
  const why = `\`${key}\` is an advanced setting, which is usually not to be modified: ${description}`;
  return refusal('bad_arguments', why, 'If you are sure, ask again with `--advanced`.');
}
