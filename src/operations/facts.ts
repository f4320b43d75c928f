import type { EnvironmentPolicy } from '../config/schema.ts';
import type { LoadedProfile } from '../estate/profile-load.ts';
import type { Estate, Site } from '../estate/types.ts';
import { type Refusal, refusal } from '../kernel/errors.ts';
import { err, ok, type Result } from '../kernel/result.ts';
import type { ComposeFacts } from './compose/look.ts';
import type { HostPort } from './ports.ts';
import type { SettingsState } from './settings/book.ts';

/** What is known of a site before its host is asked. */
export interface SiteBefore {
  readonly site: Site;
  readonly estate: Estate;
  readonly profile: LoadedProfile;
  readonly settings: SettingsState;
}

/** What is true of a site and on its host right now; only what may change a plan, so nothing that drifts by itself. */
export interface SiteFacts extends SiteBefore, SiteHostFacts {
  /** What lies in the folder of its compose project; null for a command that does not look there. */
  readonly compose: ComposeFacts | null;
  readonly policy: EnvironmentPolicy;
  /** True when production's rules hold for it. */
  readonly asProduction: boolean;
  /** True when a verified backup is there that is young enough to rely on; see hasFreshBackup. */
  readonly freshBackup: boolean;
}

/** What the host of a site says. */
export interface SiteHostFacts {
  /** Version of the dump program on the host, for example `15.18`; null when there is none. */
  readonly toolVersion: string | null;
  /** Whether the site's folder is there and can be written. */
  readonly siteDirectory: boolean;
}

/** One round trip; prints `key=value` lines. The parameters arrive as environment variables, never as text. */
const GATHER = `
export PATH="\${P_bin_dir:+$P_bin_dir:}$PATH"
v=$(pg_dump --version 2>/dev/null | head -n 1) || v=
v=\${v##*PostgreSQL) }
v=\${v%% *}
printf 'tool=%s\\n' "$v"
if [ -d "$P_site_dir" ] && [ -w "$P_site_dir" ]; then echo 'site_dir=yes'; else echo 'site_dir=no'; fi
`;

/** Asks the host. Refusals: host_unreachable and its kin, protocol_error when it does not answer all of it. */
export async function gatherHostFacts(hosts: HostPort, site: Site): Promise<Result<SiteHostFacts, Refusal>> {
  const answer = await hosts.run(site.hostOf, GATHER, {
    site_dir: site.site_dir,
    bin_dir: site.database.bin_dir ?? '',
  });
  if (!answer.ok) return answer;
  const lines = new Map(
    new TextDecoder()
      .decode(answer.value.output)
      .split('\n')
      .filter((line) => line.includes('='))
      .map((line): [string, string] => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  );
  const [tool, directory] = [lines.get('tool'), lines.get('site_dir')];
  // A question that broke off says nothing about what is there.
  if (tool === undefined || directory === undefined)
    return err(
      refusal('protocol_error', `${site.hostOf.name} does not say what it has (exit code ${answer.value.code})`),
    );
  return ok({ toolVersion: /^\d+(\.\d+)*/.test(tool) ? tool : null, siteDirectory: directory === 'yes' });
}
