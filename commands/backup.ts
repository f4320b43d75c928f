import { z } from 'zod';
import { name } from '../src/estate/types.ts';
import { refusal } from '../src/kernel/errors.ts';
import { err, ok } from '../src/kernel/result.ts';
import type { SiteFacts } from '../src/operations/facts.ts';
import type { PlannedStep } from '../src/operations/plan.ts';
import { operation } from './contract/command.ts';

function parameters({ site }: SiteFacts): Record<string, string> {
  const { database } = site;
  return {
    site: site.name,
    site_dir: site.site_dir,
    version: site.version,
    bin_dir: database.bin_dir ?? '',
    db_host: database.host,
    db_port: String(database.port),
    db_name: database.name,
    db_user: database.user,
    must_have_tables: database.must_have_tables.join(' '),
    jobs: String(database.jobs),
    lock_wait_seconds: String(database.lock_wait_seconds),
  };
}

export const command = operation({
  name: 'backup',
  summary: 'Dump the database of a site into its own folder, with the roles, row counts and checksums, and check it.',
  fields: [{ key: 'site', label: 'site', of: 'site', required: true }],
  args: z.strictObject({ site: name }),
  area: 'data',
  risk: 'routine',
  plan: (facts, args) => {
    const { site } = facts;
    if (!facts.siteDirectory) {
      return err(
        refusal(
          'precheck_failed',
          `The folder ${site.site_dir} is not there or cannot be written on ${site.host}.`,
          'Correct `site_dir` in the estate, or the rights on the host.',
        ),
      );
    }
    if (facts.toolVersion === null) {
      return err(
        refusal(
          'precheck_failed',
          `${site.host} has no pg_dump.`,
          'Install the PostgreSQL client there, or set database.bin_dir.',
        ),
      );
    }
    const params = { ...parameters(facts), tool_version: facts.toolVersion };
    const secrets = site.database.password_secret === undefined ? [] : [site.database.password_secret];
    const step = (stepName: string, title: string): PlannedStep => ({
      step: stepName,
      title,
      host: site.host,
      params,
      secrets,
    });
    return ok({
      version: 1,
      command: 'backup',
      args,
      site: site.name,
      environment: site.environment,
      lock: site.name,
      steps: [
        step('backup.prepare', 'Check tools, space and folders'),
        step('db.dump', 'Dump the database'),
        step('db.globals', 'Save the roles'),
        step('db.verify', 'Read the dump back and write checksums'),
        step('backup.publish', 'Put the backup in place'),
      ],
      cleanup: [step('backup.discard', 'Remove the unfinished backup')],
      effects: [
        `Reads the database ${site.database.name} on ${site.host} in one snapshot; it stays in use meanwhile.`,
        `Writes one new folder below ${site.site_dir}/db_backup; nothing is overwritten or removed.`,
        'Changes to the structure of tables wait until the dump is done.',
      ],
    });
  },
});
