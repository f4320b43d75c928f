import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { stringify } from 'yaml';

/** Channels and people of the local workspace. */
const CONFIGURATION = {
  slack: {
    command: '/ops',
    channels: { operations: 'C0OPS', alerts: 'C0ALERT', reports: 'C0REPORT', audit: 'C0AUDIT' },
  },
  roles: { admin: ['U0ADM'], operator: ['U0REQ'], approver: ['U0APA', 'U0APB'], viewer: ['U0VIEW'] },
};

/**
 * Writes `<home>/demo.yml`, Twokey's configuration for the local workspace, and gives its path. Its calendar has no
 * working hours, so that production always asks for two approvals and a newcomer meets them.
 */
export function writeDemoConfig(home: string): string {
  const file = join(home, 'demo.yml');
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  const document = {
    ...CONFIGURATION,
    calendars: { 'always-closed': { timezone: timeZone || 'UTC', working_hours: {} } },
    policy: { production: { calendar: 'always-closed', quorum: 2, requester_counts: false }, staging: {} },
  };
  writeFileSync(
    file,
    `# Written at each start of the demonstration; your own configuration is twokey.yml.\n${stringify(document, { lineWidth: 0 })}`,
  );
  return file;
}
