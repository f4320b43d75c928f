import { changedKeys, type Holders, holderChanges, keyHashes } from '../../operations/changes.ts';
import { appendAudit } from './audit-store.ts';
import { type Client, inTransaction, type Pool } from './pool.ts';

/** Starts and role checks take turns, so that each is compared with the one before it. */
async function takeTurns(client: Client): Promise<void> {
  await client.query(`select pg_advisory_xact_lock(hashtextextended('twokey.changes', 0))`);
}

/** Notes that a process has started, with what, and which parts of the configuration differ from the last start. */
export async function noteStart(
  pool: Pool,
  it: {
    readonly host: string;
    readonly config: Readonly<Record<string, unknown>>;
    readonly commands: readonly string[];
  },
): Promise<void> {
  await inTransaction(pool, async (client) => {
    await takeTurns(client);
    const { rows } = await client.query<{ keys: Record<string, string> | null }>(
      `select data -> 'keys' as keys from twokey.audit where action = 'process.started' order by seq desc limit 1`,
    );
    const keys = keyHashes(it.config);
    const before = rows[0]?.keys ?? null;
    await appendAudit(client, {
      actor: 'twokey',
      action: 'process.started',
      subject: it.host,
      data: {
        config: keyHashes({ config: it.config }).config,
        keys,
        changed: before === null ? [] : changedKeys(before, keys),
        commands: it.commands,
      },
    });
  });
}

/** Notes who holds which role, when that differs from what was noted last. Answers whether it did. */
export async function noteHolders(pool: Pool, holders: Holders): Promise<boolean> {
  return inTransaction(pool, async (client) => {
    await takeTurns(client);
    const { rows } = await client.query<{ holders: Holders | null }>(
      `select data -> 'holders' as holders from twokey.audit where subject = 'roles' and action = 'roles.changed'
        order by seq desc limit 1`,
    );
    const changes = holderChanges(rows[0]?.holders ?? {}, holders);
    if (changes === null) return false;
    await appendAudit(client, {
      actor: 'twokey',
      action: 'roles.changed',
      subject: 'roles',
      data: { ...changes, holders },
    });
    return true;
  });
}
