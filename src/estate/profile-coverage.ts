import type { Profile, ProfileCommand } from './profile.ts';
import { commandsOf } from './profile-check.ts';

/** What a profile covers, for people: the same facts serve the command line and Slack. */
export interface Coverage {
  readonly services: readonly string[];
  readonly set: readonly string[];
  /** Commands that nobody has set, each with its note. */
  readonly notSet: readonly { readonly place: string; readonly note: string }[];
  readonly datastores: readonly { readonly name: string; readonly backup: string }[];
  readonly path: string;
  readonly trim: string;
}

function placeOf(profile: Profile, at: readonly (string | number)[]): string {
  const [section, , index] = at;
  if (section === 'maintenance' && typeof index === 'number')
    return `maintenance.${profile.maintenance.modes[index]?.name ?? index}`;
  if (section === 'post_sync_hooks') return `post_sync_hooks.${profile.post_sync_hooks[Number(at[1])]?.name ?? at[1]}`;
  return at.join('.');
}

function backupInWords({ backup }: Profile['datastores'][number]): string {
  if (backup.none !== undefined) return `none: ${backup.none}`;
  const where = backup.path === undefined ? '' : ` ${backup.path}`;
  return backup.method === 'command' ? `commands.${backup.command}` : `${backup.method}${where}`;
}

function pathInWords({ path, unordered, note }: Profile['upgrade']): string {
  if (path !== null)
    return path.map(({ minor, next }) => (next.length === 0 ? minor : `${minor} → ${next.join(' or ')}`)).join(', ');
  return unordered === undefined ? `not set: ${note ?? ''}` : `no order: ${unordered}`;
}

function trimInWords(trim: Profile['trim']): string {
  if (trim === undefined) return 'not for this kind of application';
  return trim.table === null ? `not set: ${trim.note ?? ''}` : `${trim.table} by ${trim.date_column ?? ''}`;
}

export function coverageOf(profile: Profile): Coverage {
  const named: readonly { place: string; command: ProfileCommand }[] = commandsOf(profile).map(({ at, command }) => ({
    place: placeOf(profile, at),
    command,
  }));
  return {
    services: profile.services.map((one) => `${one.name} (${one.kind}${one.optional ? ', optional' : ''})`),
    set: named.flatMap(({ place, command }) => (command.run === null ? [] : [place])),
    notSet: named.flatMap(({ place, command }) => (command.run === null ? [{ place, note: command.note ?? '' }] : [])),
    datastores: profile.datastores.map((one) => ({ name: one.name, backup: backupInWords(one) })),
    path: pathInWords(profile.upgrade),
    trim: trimInWords(profile.trim),
  };
}
