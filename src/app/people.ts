import type { Command } from '../../commands/contract/command.ts';
import type { Identity } from '../adapters/slack/identity.ts';
import type { Estate } from '../estate/types.ts';
import { requesterStillMay, type Target } from '../operations/authorise.ts';
import type { PeopleNow } from '../operations/ports.ts';

/** What somebody asked for, as far as it decides about people. */
interface Asked {
  readonly command: string;
  readonly site: string;
  readonly requester: string;
  /** True when the requester's own vote counts. */
  readonly requesterCounts: boolean;
}

/**
 * Resolves the voters and the one who asked anew. `targetAt` says what it touches at its site; a command or a site that is
 * not there any more is left to the plan or to the policy to refuse.
 */
export async function peopleNow(
  known: { readonly identity: Identity; readonly estate: Estate; readonly commands: readonly Command[] },
  asked: Asked,
  voters: readonly string[],
  targetAt: (site: NonNullable<ReturnType<Estate['sites']['get']>>) => Target,
): Promise<PeopleNow> {
  const { identity, estate, commands } = known;
  const command = commands.find((one) => one.name === asked.command);
  const site = estate.sites.get(asked.site);
  const [eligible, standing] = await Promise.all([
    identity.eligible(voters, asked.requester, asked.requesterCounts),
    identity.standing(asked.requester),
  ]);
  const requester = site && command ? requesterStillMay(standing, command, targetAt(site)) : null;
  return { eligible, requester };
}
