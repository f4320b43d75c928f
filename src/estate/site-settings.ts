import { type Refusal, refusal } from '../kernel/errors.ts';
import { err, ok, type Result } from '../kernel/result.ts';
import type { Profile } from './profile.ts';
import { checkSetting, refuseAdvanced, settingOf } from './setting.ts';

/** What people have set of a site, by key, as typed; a secret's value is the name of its file in the secrets folder. */
export type SettingsDocument = Readonly<Record<string, string>>;

/** One key's change; null stands for "not set", where the profile's default holds, if it has one. */
export interface SettingChange {
  readonly key: string;
  readonly before: string | null;
  readonly after: string | null;
}

/** Keys in which two documents differ, sorted. */
export function diffSettings(before: SettingsDocument, after: SettingsDocument): readonly SettingChange[] {
  const of = (document: SettingsDocument, key: string) =>
    Object.hasOwn(document, key) ? (document[key] ?? null) : null;
  return [...new Set([...Object.keys(before), ...Object.keys(after)])]
    .sort()
    .map((key) => ({ key, before: of(before, key), after: of(after, key) }))
    .filter((change) => change.before !== change.after);
}

/** The document after these changes; keys in alphabetical order. */
export function withChanges(document: SettingsDocument, changes: readonly SettingChange[]): SettingsDocument {
  const gone = new Set(changes.filter((one) => one.after === null).map((one) => one.key));
  const set = changes.flatMap(({ key, after }): [string, string][] => (after === null ? [] : [[key, after]]));
  const kept = Object.entries(document).filter(([key]) => !gone.has(key));
  return Object.fromEntries(
    [...new Map([...kept, ...set])].sort(([left], [right]) => (left < right ? -1 : left > right ? 1 : 0)),
  );
}

/** What holds for a key: what was set, else the profile's default; null when there is neither. */
function effective(profile: Profile, { key }: SettingChange, value: string | null): string | null {
  return value ?? settingOf(profile, key)?.default ?? null;
}

/**
 * Whether a site has to be deployed again before its stored settings hold: something that needs it differs from what
 * runs. Setting a key to its default, or back to what runs, asks for nothing.
 */
export function needsRedeploy(profile: Profile, running: SettingsDocument, stored: SettingsDocument): boolean {
  return diffSettings(running, stored).some(
    (change) =>
      (settingOf(profile, change.key)?.needs_redeploy ?? true) &&
      effective(profile, change, change.before) !== effective(profile, change, change.after),
  );
}

/** Whether one of the changes is of a setting that is usually not to be modified, or of one that the profile no longer knows. */
export function touchesAdvanced(profile: Profile, changes: readonly SettingChange[]): boolean {
  return changes.some(({ key }) => settingOf(profile, key)?.advanced ?? true);
}

/** A value as people may see it. Of a secret only whether it is set: a profile may have made it one after it was stored. */
export function shownSetting(profile: Profile, key: string, value: string | null): string {
  const setting = settingOf(profile, key);
  if (setting?.secret) return value === null ? 'secret, not set' : 'secret, set';
  if (value !== null) return value;
  return setting?.default === undefined ? 'not set' : `${setting.default} (default)`;
}

/** One `key: old → new` a change, with what makes it special. */
export function changeInWords(profile: Profile, { key, before, after }: SettingChange): string {
  const setting = settingOf(profile, key);
  const marks = [
    ...(setting?.advanced ? ['advanced'] : []),
    ...(setting === undefined ? ['unknown to the profile'] : []),
    ...(setting?.needs_redeploy === false ? ['holds at once'] : []),
  ];
  const became =
    setting?.secret && before !== null && after !== null ? 'another secret' : shownSetting(profile, key, after);
  const told = `${key}: ${shownSetting(profile, key, before)} → ${became}`;
  return marks.length === 0 ? told : `${told} (${marks.join(', ')})`;
}

/** Files of the secrets folder that a document names for secret settings. */
export function secretFiles(profile: Profile, document: SettingsDocument): readonly string[] {
  return Object.entries(document)
    .filter(([key]) => settingOf(profile, key)?.secret ?? false)
    .map(([, value]) => value);
}

/** What has to be true for a change to be stored. */
interface Wish {
  readonly advanced: boolean;
  /** Files of the secrets folder that can be read. */
  readonly secrets: ReadonlySet<string>;
}

/**
 * The changes that lead from one document to another, checked against the profile as it is today.
 * Refusals: bad_arguments when nothing would change, for a value that the profile no longer takes, for an advanced setting
 * without `advanced`, and for a secret whose file is not there; no value of a secret is ever repeated.
 */
export function checkChanges(
  profile: Profile,
  from: SettingsDocument,
  to: SettingsDocument,
  { advanced, secrets }: Wish,
): Result<readonly SettingChange[], Refusal> {
  const changes = diffSettings(from, to);
  if (changes.length === 0) return err(refusal('bad_arguments', 'That is how it is stored already.', 'Nothing to do.'));
  for (const { key, after } of changes) {
    if (after === null) {
      const setting = settingOf(profile, key);
      if (setting?.advanced && !advanced) return err(refuseAdvanced(key, setting.description));
      continue;
    }
    const checked = checkSetting(profile, key, after, { advanced });
    if (!checked.ok) return checked;
    if (checked.value.secret && !secrets.has(checked.value.value)) return err(noSuchSecret(key));
  }
  return ok(changes);
}

function noSuchSecret(key: string): Refusal {
  return refusal(
    'secret_missing',
    `\`${key}\` is a secret, and what you gave is no file of the secrets folder that Twokey can read. It was not stored.`,
    'Put the secret into the data directory’s `secrets` folder, mode 0600, and store a reference: the name of that file. If you typed the secret itself, change it: Slack has seen it.',
  );
}
