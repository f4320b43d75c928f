import type { Logger } from '../adapters/log/logger.ts';
import { noteApprovers } from '../adapters/postgres/approver-pool.ts';
import { noteHolders } from '../adapters/postgres/change-notes.ts';
import type { Database } from '../adapters/postgres/database.ts';
import type { Identity } from '../adapters/slack/identity.ts';
import type { ConfigFile } from '../config/schema.ts';
import { RoleWatch } from '../operations/role-watch.ts';
import { poolRules } from '../operations/site-policy.ts';

/** Looks at who holds what, writes down what has changed, and whether the approvers still suffice. */
export function watchRoles(
  pool: Database['pool'],
  identity: Identity,
  config: ConfigFile,
  log: Logger,
  stopping: AbortSignal,
): RoleWatch {
  return new RoleWatch(
    async () => {
      await noteHolders(pool, await identity.allHolders());
      const { audit, operations } = config.slack.channels;
      const approvers = (await identity.eligibleHolders('approver')).map(({ person }) => person);
      const short = await noteApprovers(pool, { rules: poolRules(config), approvers, channel: audit ?? operations });
      if (short.length > 0) log.warn({ short }, 'there are too few approvers: requests there cannot be approved');
    },
    (error) => log.warn({ error: String(error) }, 'who holds which role could not be looked at; it is tried again'),
    stopping,
  );
}
