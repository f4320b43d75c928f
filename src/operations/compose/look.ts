import { checkValue } from '../../estate/parameter.ts';
import { findCommand, siteValues } from '../../estate/profile-command.ts';
import { siteSlots } from '../../estate/profile-slots.ts';
import { expandText } from '../../estate/template.ts';
import type { Host, Site } from '../../estate/types.ts';
import { type Hosts, namesOf } from '../../estate/web-heads.ts';
import { type Refusal, refusal } from '../../kernel/errors.ts';
import { err, ok, type Result } from '../../kernel/result.ts';
import type { SiteBefore } from '../facts.ts';
import { noShell } from '../no-shell.ts';
import type { HostPort } from '../ports.ts';
import { placeCommand } from '../profile/place.ts';
import { type ComposeFolder, readFolder } from './folder.ts';
import { composeNames } from './names.ts';

/** Largest compose file that is read, in bytes: some hundred services, and read in a moment whatever it holds. */
export const MOST_BYTES = 64 * 1024;

/** How many dated backups are looked at, the newest ones. */
const MOST_BACKUPS = 200;

/** A site's compose project on one host. */
interface ComposeProject {
  readonly version: 'v1' | 'v2';
  readonly path: string;
  readonly host: Host;
  /** Others on which `config_apply` runs: they have a file of their own. */
  readonly others: readonly Host[];
}

/** A site's compose project, and what its folder holds. */
export type ComposeFacts = ComposeProject & ComposeFolder;

/** The site, and the host where it has to be said, as the next command on the same file names them: `acme --host a2`. */
export function namedAgain({ host, others }: ComposeProject, site: Pick<Site, 'name' | 'host'>): string {
  return others.length === 0 && host.name === site.host ? site.name : `${site.name} --host ${host.name}`;
}

/** What is to be looked at beside the file itself. */
interface Wanted {
  /** The host's name; the site's own without one. */
  readonly host?: string | undefined;
  /** A file that a person has prepared, or none. */
  readonly prepared?: string | undefined;
  /** A backup by its name; without one the newest, and none where backups are not looked at. */
  readonly backup?: string | undefined;
  readonly backups: boolean;
}

/** What the arguments of a command on a compose file make one look at. */
export function wantedBy({ host, from, path, backup }: Readonly<Record<string, string>>): Wanted {
  return { host, prepared: from, backup, backups: from === undefined && path === undefined };
}

/**
 * One round trip, changes nothing. Lines `key=value`; a line `content=NAME BYTES` is followed by so many bytes and a line
 * feed. All names are constants, or were checked before they came here.
 */
const LOOK = `
exec 2>/dev/null </dev/null
LC_ALL=C
export LC_ALL
if ! cd "$P_folder"; then echo folder=no; echo whole=yes; exit 0; fi
echo folder=yes
if [ -w . ] && [ -x . ]; then echo writable=yes; else echo writable=no; fi
echo "owner=$(stat -c %U .)"
echo "account=$(id -u) $(id -un)"
echo "groups=$(id -G)"
command -v sha256sum >/dev/null && echo sha256sum=yes
if [ -n "\${COMPOSE_FILE:-}" ]; then echo named_by=environment
elif grep -Eq '^[[:space:]]*(export[[:space:]]+)?COMPOSE_FILE[[:space:]]*[=:]' .env; then echo named_by=.env
fi
describe() {
  if [ -L "$2" ]; then k=link; elif [ -f "$2" ]; then k=file; elif [ -e "$2" ]; then k=other; else return 1; fi
  if [ -r "$2" ]; then r=yes; else r=no; fi
  echo "$1=$2 $k $r $(stat -c '%s %u %g %U' -- "$2")"
}
send() {
  [ -f "$1" ] && [ ! -L "$1" ] && [ -r "$1" ] || return 0
  n=$(wc -c <"$1") && [ "$n" -le "$P_most" ] || return 0
  n=$((n + 0))
  echo "content=$1 $n"
  head -c "$n" "$1"
  echo
}
file=
for one in $P_files; do
  describe file "$one" && [ -z "$file" ] && file=$one
done
for one in $P_overrides; do describe override "$one"; done
wanted=$P_prepared
if [ "$P_backups" = yes ] && [ -n "$file" ]; then
  set -- "$file".????????T??????Z-????????.bak
  while [ "$#" -gt "$P_most_backups" ]; do shift; done
  for one; do
    [ -f "$one" ] && [ ! -L "$one" ] || continue
    s=$(sha256sum <"$one")
    echo "backup=$one $(($(wc -c <"$one") + 0)) \${s%% *} $(head -c 64 "$one.sha256" | tr -cd 0-9a-f)"
    wanted=$one
  done
  [ -z "$P_backup" ] || wanted=$P_backup
fi
[ -z "$file" ] || send "$file"
if [ -n "$wanted" ] && [ "$wanted" != "$file" ] && describe wanted "$wanted"; then send "$wanted"; fi
echo whole=yes
`;

/**
 * Where a site's compose project lies. Refusals: not_supported for a site that is no compose project or whose profile
 * applies another file than that of the folder, bad_arguments for a host on which it is not applied, and those of finding
 * and placing `config_apply`.
 */
function composeProject(its: SiteBefore, hostName?: string): Result<ComposeProject, Refusal> {
  const { profile } = its.profile;
  if (profile.compose === undefined)
    return err(
      refusal(
        'not_supported',
        `${its.site.name} is no compose project: its profile ${profile.name} has no \`compose\`.`,
        'What a profile has is shown by `profile show <name>`.',
      ),
    );
  const values = siteValues(its.profile, its.site, its.settings.document);
  if (!values.ok) return values;
  const text = expandText(profile.compose.folder, siteSlots(profile), values.value);
  const folder = text.ok ? checkValue('compose.folder', { type: 'path' }, text.value) : text;
  if (!folder.ok) return folder;
  const command = findCommand(its.profile, 'config_apply');
  if (!command.ok) return command;
  const apply = placeCommand(its, command.value);
  if (!apply.ok) return apply;
  if (apply.value.folder !== folder.value)
    return err(
      refusal(
        'not_supported',
        `The profile ${profile.name} applies what lies in ${apply.value.folder}, but its compose file is in ${folder.value}.`,
        'Give `commands.config_apply` an `in`, or correct `compose.folder`, so that both name one folder.',
      ),
    );
  const host = hostOf(its, apply.value.hosts, hostName);
  if (!host.ok) return host;
  const others = apply.value.hosts.filter((one) => one !== host.value);
  return ok({ version: profile.compose.version, path: folder.value, host: host.value, others });
}

/** The host that was named, else the site's own, else the only one. */
function hostOf({ site }: SiteBefore, hosts: Hosts, named: string | undefined): Result<Host, Refusal> {
  const wanted = named ?? site.host;
  const found =
    hosts.find((host) => host.name === wanted) ?? (named === undefined && hosts.length === 1 ? hosts[0] : undefined);
  return found === undefined
    ? err(
        refusal(
          'bad_arguments',
          `The compose project of ${site.name} is not applied on ${wanted}, but on ${namesOf(hosts)}.`,
          'Name one of these with `--host`.',
        ),
      )
    : ok(found);
}

/**
 * Looks at the folder of a site's compose project. Refusals: those of composeProject, no_shell, and those of a host that
 * does not answer.
 */
export async function lookAtCompose(
  hosts: HostPort,
  its: SiteBefore,
  wanted: Wanted,
): Promise<Result<ComposeFacts, Refusal>> {
  const project = composeProject(its, wanted.host);
  if (!project.ok) return project;
  const { version, path, host } = project.value;
  if (host.shell === 'none') return err(noShell(host));
  const { files, overrides } = composeNames(version);
  const answer = await hosts.run(host, LOOK, {
    folder: path,
    files: files.join(' '),
    overrides: overrides.join(' '),
    prepared: wanted.prepared ?? '',
    backup: wanted.backup ?? '',
    backups: wanted.backups ? 'yes' : 'no',
    most: String(MOST_BYTES),
    most_backups: String(MOST_BACKUPS),
  });
  if (!answer.ok) return answer;
  const read = readFolder(answer.value.output);
  return read === null
    ? err(refusal('protocol_error', `${host.name} does not say all about ${path}.`))
    : ok({ ...project.value, ...read });
}
