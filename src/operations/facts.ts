import type { EnvironmentPolicy } from '../config/schema.ts';
import type { Site } from '../estate/types.ts';
import type { Refusal } from '../kernel/errors.ts';
import { refusal } from '../kernel/errors.ts';
import { err, ok, type Result } from '../kernel/result.ts';
import type { HostPort } from './ports.ts';

/** What is true on a site's host right now; only what may change a plan, so nothing that drifts by itself. */
export interface SiteFacts {
  readonly site: Site;
  readonly policy: EnvironmentPolicy;
  /** Version of the dump program on the host, for example `15.18`. */
  readonly toolVersion: string;
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

/** Asks the host. Refusals: host_unreachable and its kin, precheck_failed when the answer makes no sense. */
export async function gatherSiteFacts(
  hosts: HostPort,
  site: Site,
  policy: EnvironmentPolicy,
): Promise<Result<SiteFacts, Refusal>> {
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
  const toolVersion = lines.get('tool') ?? '';
  if (!/^\d+(\.\d+)*/.test(toolVersion)) {
    return err(
      refusal(
        'precheck_failed',
        `${site.hostOf.name} has no pg_dump.`,
        'Install the PostgreSQL client there, or set database.bin_dir.',
      ),
    );
  }
  return ok({ site, policy, toolVersion, siteDirectory: lines.get('site_dir') === 'yes' });
}
