import type { WebClient } from '@slack/web-api';
import { type Grant, grantInWords } from '../../config/grants.ts';
import { accountsOf, personOf } from '../../config/people.ts';
import type { ConfigFile, RoleName } from '../../config/schema.ts';
import { authorise, type Permissible, type Standing, type Target } from '../../operations/authorise.ts';
import type { Reachable } from '../../operations/notices.ts';
import { type Account, Directory } from './directory.ts';
import { failureOf } from './failure.ts';

/** Somebody of the workspace, as Slack knows them now. People are told apart by their main id, whichever id they use. */
export interface Person extends Standing {
  /** The person: their main id. */
  readonly id: string;
  /** The id they use now. */
  readonly account: string;
  readonly name: string;
  /** Whether the id they use now is a full member's: no guest, no bot, not deactivated, of this workspace. */
  readonly fullMember: boolean;
}

/** Slack's answers for an id behind which nobody is. */
const NOBODY: ReadonlySet<string> = new Set(['user_not_found', 'user_not_visible']);

const ROLES: readonly RoleName[] = ['admin', 'operator', 'approver', 'viewer'];

/**
 * Who people are and what they hold. Somebody with several ids holds what any of them holds, as long as that id is a
 * full member's: a role that was given to a guest's id gives nothing to the person's other ids.
 */
export class Identity {
  readonly #directory: Directory;
  readonly #config: ConfigFile;
  /** People who were found to hold something; also those whom a group has lost since. */
  readonly #known = new Set<string>();

  constructor(client: WebClient, config: ConfigFile, team: string) {
    this.#directory = new Directory(client, team);
    this.#config = config;
  }

  /** The person who uses an id. @throws when Slack does not answer and nothing fresh is kept */
  async person(id: string): Promise<Person> {
    const main = personOf(this.#config.people, id);
    const { name, fullMember } = await this.#directory.account(id, false);
    const ids = accountsOf(this.#config.people, main);
    const holding = ids.length === 1 ? ids : (await this.#active(main, false)).map((account) => account.id);
    return { id: main, account: id, name, fullMember, ...(await this.#standing(holding, false)) };
  }

  /** What a person holds now, by whichever of their ids are active full members; nothing when none is. Asked of Slack now. */
  async standing(person: string): Promise<Standing> {
    const active = await this.#active(personOf(this.#config.people, person), true);
    return this.#standing(
      active.map((account) => account.id),
      true,
    );
  }

  /**
   * Whether each of these people may still approve what `requester` asked for, asked of Slack now. The requester is one
   * of them only where their own vote counts (`requesterCounts`). An id that has become another person's does not count.
   */
  async eligible(
    people: readonly string[],
    requester: string,
    requesterCounts: boolean,
  ): Promise<ReadonlyMap<string, boolean>> {
    const { people: known } = this.#config;
    const asker = personOf(known, requester);
    const found = people.map(async (id): Promise<[string, boolean]> => {
      if (personOf(known, id) !== id) return [id, false];
      if (id === asker && !requesterCounts) return [id, false];
      const active = await this.#active(id, true);
      const ids = active.map((account) => account.id);
      return [id, active.length > 0 && (id === asker || (await this.#rolesOf(ids, true)).includes('approver'))];
    });
    return new Map(await Promise.all(found));
  }

  /** Everybody who holds a role, groups resolved, as people. */
  async holders(role: RoleName): Promise<readonly string[]> {
    return this.#people(await this.#expand(this.#config.roles[role]));
  }

  /** Holders of a role who are full members: those who can act on it. */
  async active(role: RoleName): Promise<readonly string[]> {
    return this.#acting(await this.#expand(this.#config.roles[role]));
  }

  /** People who may use a command on that: by a role, the admins left out, or by a grant. */
  async whoMay(command: Permissible, target: Target): Promise<readonly string[]> {
    const byRole = await Promise.all(command.roles.map((role) => this.active(role)));
    const covering = this.#config.grants.filter(
      (one) => authorise({ roles: [], grants: [one] }, command, target) === null,
    );
    const byGrant = await Promise.all(covering.map(async (one) => this.#acting(await this.#expand(one.who))));
    return [...new Set([...byRole, ...byGrant].flat())];
  }

  /** Everybody who holds a role or a grant, by its name and sorted. */
  async allHolders(): Promise<Readonly<Record<string, readonly string[]>>> {
    const held = new Map<string, readonly string[]>();
    for (const role of ROLES) held.set(role, await this.holders(role));
    for (const one of this.#config.grants) {
      const words = `grant ${grantInWords(one)}`;
      held.set(words, [...(held.get(words) ?? []), ...this.#people(await this.#expand(one.who))]);
    }
    for (const person of [...held.values()].flat()) this.#known.add(person);
    return Object.fromEntries([...held].map(([name, people]) => [name, [...new Set(people)].sort()]));
  }

  /** Whether somebody was among the holders when they were looked at. */
  isKnown(id: string): boolean {
    return this.#known.has(personOf(this.#config.people, id));
  }

  /**
   * Everybody who can act on a role now, with an id to write to. Throws when Slack does not answer, so that nobody is
   * forgotten.
   */
  async eligibleHolders(role: RoleName): Promise<readonly Reachable[]> {
    const found = await Promise.all(
      (await this.holders(role)).map(async (person) => {
        const accounts = await this.#active(person, true);
        const roles = await this.#rolesOf(
          accounts.map((account) => account.id),
          true,
        );
        const [first] = accounts;
        return first && roles.includes(role) ? [{ person, account: first.id }] : [];
      }),
    );
    return found.flat();
  }

  /** A person with an id to write to: the first that is active, or their main id where none is known to be. */
  async reachable(person: string): Promise<Reachable> {
    const [first] = await this.#active(person, false);
    return { person, account: first?.id ?? person };
  }

  forgetUser(id: string): void {
    this.#directory.forgetUser(id);
  }

  forgetGroups(): void {
    this.#directory.forgetGroups();
  }

  /** A person's ids that are active full members, the main one first. An id that Slack does not know is nobody. */
  async #active(person: string, fresh: boolean): Promise<readonly Account[]> {
    const accounts = await Promise.all(
      accountsOf(this.#config.people, person).map((id) =>
        this.#directory.account(id, fresh).catch((error: unknown) => {
          // Anything else has to be asked again: a token that was revoked says nothing about people.
          const failure = failureOf(error);
          if (failure.kind === 'refused' && NOBODY.has(failure.error)) return null;
          throw error;
        }),
      ),
    );
    return accounts.flatMap((account) => (account?.fullMember ? [account] : []));
  }

  /** The people among these ids who can act: whose id is an active full member. What Slack does not answer is left out. */
  async #acting(ids: readonly string[]): Promise<readonly string[]> {
    const accounts = await Promise.all(ids.map((id) => this.#directory.account(id, false).catch(() => null)));
    return this.#people(accounts.flatMap((account) => (account?.fullMember ? [account.id] : [])));
  }

  #people(ids: readonly string[]): readonly string[] {
    return [...new Set(ids.map((id) => personOf(this.#config.people, id)))];
  }

  async #expand(entries: readonly string[]): Promise<readonly string[]> {
    const lists = await Promise.all(
      entries.map(async (entry) => (entry.startsWith('S') ? this.#directory.members(entry, false) : [entry])),
    );
    return [...new Set(lists.flat())];
  }

  async #standing(ids: readonly string[], fresh: boolean): Promise<Standing> {
    const [roles, grants] = await Promise.all([this.#rolesOf(ids, fresh), this.#grantsOf(ids, fresh)]);
    return { roles, grants };
  }

  async #names(entries: readonly string[], ids: readonly string[], fresh: boolean): Promise<boolean> {
    if (entries.some((entry) => ids.includes(entry))) return true;
    for (const entry of entries)
      if (entry.startsWith('S') && (await this.#directory.members(entry, fresh)).some((id) => ids.includes(id)))
        return true;
    return false;
  }

  async #rolesOf(ids: readonly string[], fresh: boolean): Promise<readonly RoleName[]> {
    const held = await Promise.all(ROLES.map((role) => this.#names(this.#config.roles[role], ids, fresh)));
    return ROLES.filter((_role, index) => held[index]);
  }

  async #grantsOf(ids: readonly string[], fresh: boolean): Promise<readonly Grant[]> {
    const { grants } = this.#config;
    const held = await Promise.all(grants.map(({ who }) => this.#names(who, ids, fresh)));
    return grants.filter((_grant, index) => held[index]);
  }
}
