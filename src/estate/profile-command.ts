import { stringify } from 'yaml';
import { type Refusal, refusal } from '../kernel/errors.ts';
import { err, ok, type Result } from '../kernel/result.ts';
import { checkValue } from './parameter.ts';
import type { CommandName, ProfileCommand } from './profile.ts';
import type { LoadedProfile } from './profile-load.ts';
import { commandSlots, layoutSlots } from './profile-slots.ts';
import { expandArgv, expandText, type Values } from './template.ts';
import type { Site } from './types.ts';

/** A command that has been set, so that it can be expanded. */
export interface ReadyCommand extends ProfileCommand {
  readonly run: NonNullable<ProfileCommand['run']>;
}

/** What is to be run on a host, argument by argument. */
export interface ExpandedCommand {
  /** One after the other, until one fails. */
  readonly runs: readonly (readonly string[])[];
  /** The folder to run in. */
  readonly folder: string;
  /** Role of the host; null for the site's own host. */
  readonly role: ProfileCommand['on'] | null;
  readonly yesWhen: ProfileCommand['yes_when'] | null;
}

/** Puts a command where it belongs in a profile's file. */
type Shape = (command: Pick<ProfileCommand, 'run'>) => object;

/** Refuses a command that nobody has set: what is missing, in which file it belongs, and in which shape. */
function notSet(
  { profile, origin }: LoadedProfile,
  place: string,
  shape: Shape,
  { note, example }: ProfileCommand,
): Refusal {
  const own = origin === 'own' ? profile.name : `my-${profile.name}`;
  const file = `\`profiles/${own}.yml\` of the data directory`;
  const document = shape({ run: example ?? [['PROGRAM', 'ARGUMENT']] });
  const yaml = stringify(document, { collectionStyle: 'flow', lineWidth: 0, flowCollectionPadding: false }).trim();
  const then =
    origin === 'own'
      ? ''
      : ` It says \`name: ${own}\` and \`extends: ${profile.name}\`; then name \`${own}\` as the site’s profile.`;
  return refusal(
    'command_not_set',
    `\`${place}\` is not set in the profile ${profile.name}. ${note ?? ''}`.trim(),
    `Set \`${place}\` from your vendor’s documentation in ${file}, in the shape of \`${yaml.slice(1, -1)}\`.${then}`,
  );
}

function ready(
  loaded: LoadedProfile,
  place: string,
  command: ProfileCommand | undefined,
  shape: Shape,
): Result<ReadyCommand, Refusal> {
  if (command === undefined)
    return err(
      refusal(
        'not_supported',
        `The profile ${loaded.profile.name} has no \`${place}\`.`,
        'See `profile show <name>` for what it has.',
      ),
    );
  const { run } = command;
  return run === null ? err(notSet(loaded, place, shape, command)) : ok({ ...command, run });
}

/** A named command. Refusals: not_supported where this kind of application has none, command_not_set where nobody set it. */
export function findCommand(loaded: LoadedProfile, name: CommandName): Result<ReadyCommand, Refusal> {
  return ready(loaded, `commands.${name}`, loaded.profile.commands[name], (it) => ({ commands: { [name]: it } }));
}

/** A task that people may run by name. Refusals as for findCommand. */
export function findTask(loaded: LoadedProfile, name: string): Result<ReadyCommand, Refusal> {
  const { tasks } = loaded.profile;
  const task = Object.hasOwn(tasks, name) ? tasks[name] : undefined;
  return ready(loaded, `tasks.${name}`, task, (it) => ({
    tasks: { [name]: { title: task?.title, risk: task?.risk, ...it } },
  }));
}

/** The command that enters a mode of maintenance. Refusals as for findCommand. */
export function findMode(loaded: LoadedProfile, name: string): Result<ReadyCommand, Refusal> {
  const { modes } = loaded.profile.maintenance;
  const mode = modes.find((one) => one.name === name);
  // The list is replaced as a whole, so the shape shows all of it.
  return ready(loaded, `maintenance.${name}`, mode?.enter, (it) => ({
    maintenance: { modes: modes.map((one) => ({ name: one.name, users: one.users, enter: it })) },
  }));
}

/** The command that shows the mode of maintenance without changing it. Refusals as for findCommand. */
export function findModeProbe(loaded: LoadedProfile): Result<ReadyCommand, Refusal> {
  return ready(loaded, 'maintenance.probe', loaded.profile.maintenance.probe, (it) => ({
    maintenance: { probe: it },
  }));
}

/**
 * What Twokey knows of a site, for templates: its own data, the layout, and the settings with their defaults. `stored`
 * are the settings that somebody set. A setting that is missing shows when a template needs it.
 * Refusal: bad_arguments for a stored setting that is not, or no longer, of its type.
 */
export function siteValues(loaded: LoadedProfile, site: Site, stored: Values): Result<Values, Refusal> {
  const { profile } = loaded;
  const values: Record<string, string> = {
    site: site.name,
    environment: site.environment,
    site_dir: site.site_dir,
    current_version: site.version,
    db_host: site.database.host,
    db_port: String(site.database.port),
    db_name: site.database.name,
    db_user: site.database.user,
  };
  for (const [key, setting] of Object.entries(profile.settings)) {
    if (setting.secret) continue;
    const text = Object.hasOwn(stored, key) ? stored[key] : setting.default;
    if (text === undefined) continue;
    const checked = checkValue(key, setting, text);
    if (!checked.ok) return checked;
    values[key] = checked.value;
  }
  for (const key of ['backup_dir', 'media_dir'] as const) {
    const template = profile.layout[key];
    if (template === null) continue;
    const path = expandText(template, layoutSlots(profile, key), values);
    if (!path.ok) return path;
    const checked = checkValue(key, { type: 'path' }, path.value);
    if (!checked.ok) return checked;
    values[key] = checked.value;
  }
  return ok(values);
}

/**
 * What a command stands for on a site, with `given` for its own parameters. Never a text for a shell: lists of arguments.
 * Refusal: bad_arguments for a parameter that is missing, not known, or not of its type.
 */
export function expandCommand(
  { profile }: LoadedProfile,
  command: ReadyCommand,
  site: Values,
  given: Values,
): Result<ExpandedCommand, Refusal> {
  const stray = Object.keys(given).find((name) => !Object.hasOwn(command.parameters, name));
  if (stray !== undefined) return err(refusal('bad_arguments', `This command takes no \`${stray}\`.`));
  const slots = commandSlots(profile, command);
  const values = { ...site, ...given };
  const runs: (readonly string[])[] = [];
  for (const argv of command.run) {
    const words = expandArgv(argv, slots, values);
    if (!words.ok) return words;
    runs.push(words.value);
  }
  const folder = expandText(command.in ?? '{site_dir}', slots, values);
  if (!folder.ok) return folder;
  const path = checkValue('in', { type: 'path' }, folder.value);
  if (!path.ok) return path;
  return ok({ runs, folder: path.value, role: command.on ?? null, yesWhen: command.yes_when ?? null });
}
