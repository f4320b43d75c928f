import { expandText } from '../../estate/template.ts';
import { checkValue } from '../../estate/parameter.ts';
import { findCommand, siteValues } from '../../estate/profile-command.ts';
import { siteSlots } from '../../estate/profile-slots.ts';
import type { Host } from '../../estate/types.ts';
import { type Refusal, refusal } from '../../kernel/errors.ts';
import { err, ok, type Result } from '../../kernel/result.ts';
import type { SiteFacts } from '../facts.ts';
import type { HostPort } from '../ports.ts';
import { type PlacedCommand, placeCommand } from '../profile/place.ts';
import { type ComposeFolder, readFolder } from './folder.ts';
import { namesOf } from './names.ts';

/** Largest compose file that is read, in bytes: some hundred services, and read in a moment whatever it holds. */
export const MOST_BYTES = 64 * 1024;

/** How many dated backups are looked at, the newest ones. */
const MOST_BACKUPS = 200;

/** What is known of a site before its host is asked. */
export type ComposeSite = Pick<SiteFacts, 'estate' | 'site' | 'profile' | 'settings'>;

/** A site's compose project, and what its folder holds. */
export interface ComposeFacts extends ComposeFolder {
  readonly host: Host;
  readonly path: string;
}

/** What is to be looked at beside the file itself: a file prepared by a person, or a backup (the newest without a name). */
export interface Wanted {
  readonly prepared?: string | undefined;
  readonly backup?: string | undefined;
  /** Whether the dated backups are listed, and the wanted one read. */
  readonly backups: boolean;
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
  set -- "$file".[0-9]*Z-*.bak
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

/** The site's `config_apply` and the folder it has to run in. */
export interface ComposeProject {
  readonly version: 'v1' | 'v2';
  readonly folder: string;
  readonly apply: PlacedCommand;
}

/**
 * How a site's compose project is operated. Refusals: not_supported for a site that is no compose project or whose
 * profile applies another file than that of the folder, and those of finding and placing `config_apply`.
 */
export function composeProject(its: ComposeSite): Result<ComposeProject, Refusal> {
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
  return ok({ version: profile.compose.version, folder: folder.value, apply: apply.value });
}

/** Looks at the folder of a site's compose project. Refusals: those of composeProject and of a host that does not answer. */
export async function lookAtCompose(
  hosts: HostPort,
  its: ComposeSite,
  wanted: Wanted,
): Promise<Result<ComposeFacts, Refusal>> {
  const project = composeProject(its);
  if (!project.ok) return project;
  const { version, folder, apply } = project.value;
  const { files, overrides } = namesOf(version);
  const answer = await hosts.run(apply.host, LOOK, {
    folder,
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
    ? err(refusal('protocol_error', `${apply.host.name} does not say all about ${folder}.`))
    : ok({ ...read, host: apply.host, path: folder });
}
