import { findSite } from '../../estate/estate.ts';
import { checkValue } from '../../estate/parameter.ts';
import type { Profile } from '../../estate/profile.ts';
import { findProfile, type Profiles } from '../../estate/profile-load.ts';
import { settingOf } from '../../estate/setting.ts';
import { type SettingsDocument, secretFiles } from '../../estate/site-settings.ts';
import type { Estate } from '../../estate/types.ts';
import type { Refusal } from '../../kernel/errors.ts';
import { ok, type Result } from '../../kernel/result.ts';
import type { SecretPort } from '../ports.ts';
import type { SettingsBook, SettingsState } from './book.ts';

/** What is true of a site's settings right now, for a command that changes them. */
export interface SettingsFacts {
  readonly site: string;
  readonly profile: Profile;
  readonly state: SettingsState;
  /** The version that is asked back: by its number, or what stood before the operation in question; null for none. */
  readonly wanted: { readonly version: number; readonly document: SettingsDocument } | null;
  /** The version that the operation in question wrote; null when no operation is in question. */
  readonly written: number | null;
  /** Files of the secrets folder that the settings in question name and that can be read. */
  readonly secrets: ReadonlySet<string>;
}

export interface SettingsSources {
  readonly settings: SettingsBook;
  readonly profiles: Profiles;
  readonly secrets: SecretPort;
}

type Args = Readonly<Record<string, string>>;

/**
 * Gathers what a change of settings is planned from; null when the operation in question wrote none.
 * Refusals: unknown_site, unknown_profile.
 */
export async function gatherSettingsFacts(
  { settings, profiles, secrets }: SettingsSources,
  estate: Estate,
  args: Args,
): Promise<Result<SettingsFacts | null, Refusal>> {
  const written = args.operation === undefined ? null : await settings.writtenBy(args.operation);
  if (args.operation !== undefined && written === null) return ok(null);
  const site = findSite(estate, written?.site ?? args.site ?? '');
  if (!site.ok) return site;
  const { name } = site.value;
  const found = findProfile(profiles, site.value.profile);
  if (!found.ok) return found;
  const { profile } = found.value;
  const version = written === null ? Number(args.version ?? Number.NaN) : written.version - 1;
  const [state, document] = await Promise.all([
    settings.state(name),
    Number.isSafeInteger(version) ? settings.documentOf(name, version) : null,
  ]);
  const named = [...(document === null ? [] : secretFiles(profile, document)), ...typedSecret(profile, args)];
  const there = await Promise.all(named.map(async (file) => ((await secrets.read(file)).ok ? [file] : [])));
  return ok({
    site: name,
    profile,
    state,
    wanted: document === null ? null : { version, document },
    written: written?.version ?? null,
    secrets: new Set(there.flat()),
  });
}

/** The file that somebody wants a secret setting to name, when it could be one. */
function typedSecret(profile: Profile, { key, value }: Args): readonly string[] {
  if (key === undefined || value === undefined || !settingOf(profile, key)?.secret) return [];
  return checkValue(key, { type: 'file_name' }, value).ok ? [value] : [];
}
