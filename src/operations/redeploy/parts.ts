import type { Check, Health } from '../profile/health.ts';
import type { Maintenance } from '../profile/maintenance.ts';
import type { PlacedCommand } from '../profile/place.ts';

/** All that a redeploy is planned from; commands are expanded with the settings that are stored. */
export interface Parts {
  readonly validate: PlacedCommand | null;
  readonly apply: PlacedCommand & { readonly by: 'config_apply' | 'restart' };
  readonly maintenance: Maintenance | null;
  readonly health: Health;
}

/** Checks that can be asked while nobody may work, by host, and those that only visitors see afterwards. */
export function checksOf({ maintenance, health: { checks } }: Parts) {
  const isForVisitors = (check: Check) => maintenance !== null && check.kind === 'http';
  const visitors = checks.filter(isForVisitors);
  const inside = checks.filter((check) => !isForVisitors(check));
  const hosts = [...new Set(inside.map((check) => check.host.name))];
  return { visitors, byHost: hosts.map((host) => inside.filter((check) => check.host.name === host)) };
}

/** The checks by their names, for titles and sentences. */
export function namesOfChecks(checks: readonly Check[]): string {
  return checks.map((check) => check.name).join(', ');
}
