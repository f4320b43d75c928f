import type { WebClient } from '@slack/web-api';
import { z } from 'zod';
import type { ConfigFile, RoleName } from '../../config/schema.ts';
import { monotonicMs } from '../../kernel/clock.ts';
import { failureOf } from './failure.ts';

/** Somebody of the workspace, as Slack knows them now. */
export interface Person {
  readonly id: string;
  readonly name: string;
  /** False for guests, bots, deactivated accounts and members of other workspaces. */
  readonly fullMember: boolean;
  readonly roles: readonly RoleName[];
}

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

const KEEP_MS = 60_000;
const ROLES: readonly RoleName[] = ['admin', 'operator', 'approver', 'viewer'];

interface Kept<T> {
  readonly value: T;
  readonly until: number;
}

/** Who people are and what roles they hold. Kept for a minute, forgotten at once when Slack tells of a change. */
export class Identity {
  readonly #client: WebClient;
  readonly #config: ConfigFile;
  readonly #team: string;
  readonly #users = new Map<string, Kept<z.output<typeof userInfo>['user']>>();
  readonly #asking = new Map<string, Promise<z.output<typeof userInfo>['user']>>();
  readonly #groups = new Map<string, Kept<readonly string[]>>();

  constructor(client: WebClient, config: ConfigFile, team: string) {
    this.#client = client;
    this.#config = config;
    this.#team = team;
  }

  /** @throws when Slack does not answer and nothing fresh is kept */
  async person(id: string, fresh = false): Promise<Person> {
    const user = await this.#user(id, fresh);
    const foreign = user.is_stranger || (user.team_id !== undefined && user.team_id !== this.#team);
    return {
      id,
      name: user.real_name ?? user.name,
      fullMember: !(user.deleted || user.is_bot || user.is_restricted || user.is_ultra_restricted || foreign),
      roles: await this.#rolesOf(id, fresh),
    };
  }

  /** Whether each of these people may still approve, asked of Slack now. */
  async eligible(people: readonly string[], requester: string | null = null): Promise<ReadonlyMap<string, boolean>> {
    const found = await Promise.all(people.map((id) => this.person(id, true)));
    const may = ({ id, roles }: Person) => id === requester || roles.includes('approver');
    return new Map(found.map((person) => [person.id, person.fullMember && may(person)]));
  }

  /** Everybody who holds a role, groups resolved. */
  async holders(role: RoleName): Promise<readonly string[]> {
    const lists = await Promise.all(
      this.#config.roles[role].map((id) => (id.startsWith('S') ? this.#members(id, false) : Promise.resolve([id]))),
    );
    return [...new Set(lists.flat())];
  }

  /** Holders of a role who are full members: those who can act on it. */
  async active(role: RoleName): Promise<readonly string[]> {
    const people = await Promise.all((await this.holders(role)).map((id) => this.person(id).catch(() => null)));
    return people.flatMap((person) => (person?.fullMember ? [person.id] : []));
  }

  /** Everybody who holds a role, by role and sorted. */
  async allHolders(): Promise<Readonly<Record<RoleName, readonly string[]>>> {
    const [admin, operator, approver, viewer] = await Promise.all(
      (['admin', 'operator', 'approver', 'viewer'] as const).map(async (role) =>
        [...(await this.holders(role))].sort(),
      ),
    );
    return { admin: admin ?? [], operator: operator ?? [], approver: approver ?? [], viewer: viewer ?? [] };
  }

  /** Everybody who can act on a role now. Throws when Slack does not answer, so that nobody is forgotten. */
  async eligibleHolders(role: RoleName): Promise<readonly string[]> {
    const people = await Promise.all(
      (await this.holders(role)).map((id) =>
        this.person(id, true).catch((error: unknown) => {
          // An id that Slack does not know is nobody; anything else has to be asked again.
          if (failureOf(error).kind === 'refused') return null;
          throw error;
        }),
      ),
    );
    return people.flatMap((person) => (person?.fullMember && person.roles.includes(role) ? [person.id] : []));
  }

  forgetUser(id: string): void {
    this.#users.delete(id);
    this.#asking.delete(id);
  }

  forgetGroups(): void {
    this.#groups.clear();
  }

  async #rolesOf(id: string, fresh: boolean): Promise<RoleName[]> {
    const held = await Promise.all(
      ROLES.map(async (role) => {
        for (const entry of this.#config.roles[role]) {
          if (entry === id) return role;
          if (entry.startsWith('S') && (await this.#members(entry, fresh)).includes(id)) return role;
        }
        return null;
      }),
    );
    return held.filter((role) => role !== null);
  }

  async #user(id: string, fresh: boolean): Promise<z.output<typeof userInfo>['user']> {
    const kept = this.#users.get(id);
    if (!fresh && kept && kept.until > monotonicMs()) return kept.value;
    // Many clicks of one person at once ask once; a vote at the start always asks for itself.
    const asking = fresh ? undefined : this.#asking.get(id);
    if (asking) return asking;
    const asked = this.#client.users.info({ user: id }).then((answer) => userInfo.parse(answer).user);
    if (!fresh) this.#asking.set(id, asked);
    try {
      const user = await asked;
      // Not when Slack told of a change meanwhile: this answer may be from before it.
      if (fresh || this.#asking.get(id) === asked) this.#users.set(id, { value: user, until: monotonicMs() + KEEP_MS });
      return user;
    } finally {
      if (this.#asking.get(id) === asked) this.#asking.delete(id);
    }
  }

  async #members(group: string, fresh: boolean): Promise<readonly string[]> {
    const kept = this.#groups.get(group);
    if (!fresh && kept && kept.until > monotonicMs()) return kept.value;
    const { users } = groupUsers.parse(await this.#client.usergroups.users.list({ usergroup: group }));
    this.#groups.set(group, { value: users, until: monotonicMs() + KEEP_MS });
    return users;
  }
}
