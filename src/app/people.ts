import type { Command } from '../../commands/contract/command.ts';
import type { Identity } from '../adapters/slack/identity.ts';
import { requesterStillMay, type Target } from '../operations/authorise.ts';
import { type Plan, riskOf } from '../operations/plan.ts';
import type { PeopleNow } from '../operations/ports.ts';

/** What somebody asked for, as far as it decides about people. */
interface Asked {
  readonly command: string;
  readonly requester: string;
  /** True when the requester's own vote counts. */
  readonly requesterCounts: boolean;
}

/**
 * Resolves the voters and the one who asked anew. `targets` are all that it touches; a command or a
 * target that is not there any more is left to the plan or to the policy to refuse.
 */
export async function peopleNow(
  known: { readonly identity: Identity; readonly commands: readonly Command[] },
  asked: Asked,
  voters: readonly string[],
  targets: readonly Target[],
  /** What it would do, when that is known: it may be riskier than its command. */
  plan: Plan | null,
): Promise<PeopleNow> {
  const { identity, commands } = known;
  const command = commands.find((one) => one.name === asked.command);
  const [eligible, standing] = await Promise.all([
    identity.eligible(voters, asked.requester, asked.requesterCounts),
    identity.standing(asked.requester),
  ]);
  const objections = command
    ? targets.map((target) => requesterStillMay(standing, permissible(command, plan), target))
    : [];
  const requester = objections.find((one) => one !== null) ?? null;
  return { eligible, requester };
}

function permissible(command: Command, plan: Plan | null): Command {
  return command.kind === 'operation' && plan ? { ...command, risk: riskOf(command.risk, plan) } : command;
}
