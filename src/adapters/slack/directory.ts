import type { WebClient } from '@slack/web-api';
import { z } from 'zod';
import { monotonicMs } from '../../kernel/clock.ts';

const userInfo = z.object({
  user: z.object({
    id: z.string(),
    team_id: z.string().optional(),
    name: z.string().default(''),
    real_name: z.string().optional(),
    deleted: z.boolean().default(false),
    is_bot: z.boolean().default(false),
    is_restricted: z.boolean().default(false),
    is_ultra_restricted: z.boolean().default(false),
    is_stranger: z.boolean().default(false),
  }),
});
const groupUsers = z.object({ users: z.array(z.string()).default([]) });

/** An id of the workspace, as Slack knows it now. */
export interface Account {
  readonly id: string;
  readonly name: string;
  /** False for guests, bots, deactivated accounts and members of other workspaces. */
  readonly fullMember: boolean;
}

const KEEP_MS = 60_000;

interface Kept<T> {
  readonly value: T;
  readonly until: number;
}

/** Accounts and user groups as Slack has them. Kept for a minute, forgotten at once when Slack tells of a change. */
export class Directory {
  readonly #client: WebClient;
  readonly #team: string;
  readonly #accounts = new Map<string, Kept<Account>>();
  readonly #asking = new Map<string, Promise<Account>>();
  readonly #groups = new Map<string, Kept<readonly string[]>>();

  constructor(client: WebClient, team: string) {
    this.#client = client;
    this.#team = team;
  }

  /** @throws when Slack does not answer and nothing fresh is kept */
  async account(id: string, fresh: boolean): Promise<Account> {
    const kept = this.#accounts.get(id);
    if (!fresh && kept && kept.until > monotonicMs()) return kept.value;
    // Many clicks of one person at once ask once; a vote at the start always asks for itself.
    const asking = fresh ? undefined : this.#asking.get(id);
    if (asking) return asking;
    const asked = this.#ask(id);
    if (!fresh) this.#asking.set(id, asked);
    try {
      const account = await asked;
      // Not when Slack told of a change meanwhile: this answer may be from before it.
      if (fresh || this.#asking.get(id) === asked)
        this.#accounts.set(id, { value: account, until: monotonicMs() + KEEP_MS });
      return account;
    } finally {
      if (this.#asking.get(id) === asked) this.#asking.delete(id);
    }
  }

  async members(group: string, fresh: boolean): Promise<readonly string[]> {
    const kept = this.#groups.get(group);
    if (!fresh && kept && kept.until > monotonicMs()) return kept.value;
    const { users } = groupUsers.parse(await this.#client.usergroups.users.list({ usergroup: group }));
    this.#groups.set(group, { value: users, until: monotonicMs() + KEEP_MS });
    return users;
  }

  forgetUser(id: string): void {
    this.#accounts.delete(id);
    this.#asking.delete(id);
  }

  forgetGroups(): void {
    this.#groups.clear();
  }

  async #ask(id: string): Promise<Account> {
    const { user } = userInfo.parse(await this.#client.users.info({ user: id }));
    const foreign = user.is_stranger || (user.team_id !== undefined && user.team_id !== this.#team);
    return {
      id,
      name: user.real_name ?? user.name,
      fullMember: !(user.deleted || user.is_bot || user.is_restricted || user.is_ultra_restricted || foreign),
    };
  }
}
