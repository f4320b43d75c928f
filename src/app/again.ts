import type { Command } from '../../commands/contract/command.ts';
import type { Identity } from '../adapters/slack/identity.ts';
import type { ConfigFile } from '../config/schema.ts';
import type { Estate } from '../estate/types.ts';
import { CodedError, refusal } from '../kernel/errors.ts';
import { err, ok } from '../kernel/result.ts';
import type { BackupBook } from '../operations/backups.ts';
import type { EstateBook } from '../operations/estate/book.ts';
import type { DialPort } from '../operations/estate/dial.ts';
import { targetOfPlan } from '../operations/estate/plan-edit.ts';
import { destroyedBy, riskOf } from '../operations/plan.ts';
import type { HostPort } from '../operations/ports.ts';
import type { OperationRecord } from '../operations/records.ts';
import { buildPlan, type ReplanContext } from '../operations/request.ts';
import type { SettingsSources } from '../operations/settings/facts.ts';
import { decisionFor, policyOfTarget, rulesOf } from '../operations/site-policy.ts';
import { targetsOfPlan } from '../operations/targets.ts';
import { peopleNow } from './people.ts';

/** What the commands, the estate and the people are asked through. */
export interface Known extends SettingsSources {
  readonly config: ConfigFile;
  readonly commands: readonly Command[];
  readonly estate: () => Promise<Estate>;
  readonly estateBook: EstateBook;
  readonly backups: BackupBook;
  readonly dial: DialPort;
  readonly hosts: HostPort;
  readonly identity: Identity;
}

/** What is asked again about a recorded operation, at its start and whenever its plan is built anew. */
export type Again = Pick<ReplanContext, 'replan' | 'policy' | 'resolvePeople'>;

/** Wires these questions to the commands, the estate, the hosts and Slack. */
export function asksAgain(known: Known): Again {
  const { config, commands, estate, estateBook, identity } = known;
  const commandOf = (operation: OperationRecord) => commands.find((one) => one.name === operation.command);
  return {
    replan: async (operation) => {
      const command = commandOf(operation);
      if (command?.kind !== 'operation')
        return err(refusal('unknown_command', `The command "${operation.command}" is not there any more.`));
      const built = await buildPlan(known, command, operation.args, operation.id);
      return built.ok ? ok(built.value.plan) : built;
    },
    policy: async (operation) => {
      const command = commandOf(operation);
      const document = await estateBook.document();
      const target = targetOfPlan(document, operation.plan);
      if (!target || command?.kind !== 'operation')
        throw new CodedError('unknown_site', `"${operation.site}" is not there any more`);
      return ({ now: at, freezes }, plan) => {
        const its = policyOfTarget(config, targetOfPlan(document, plan) ?? target, freezes);
        const risk = riskOf(command.risk, plan);
        const work = { estimateMs: operation.estimateMs, destroys: destroyedBy(plan).length > 0 };
        return {
          ...decisionFor(its, risk, at, operation.emergency, work),
          rules: rulesOf(its, risk),
          requesterCounts: its.policy.requester_counts,
        };
      };
    },
    resolvePeople: async (operation, plan, voters) => {
      return peopleNow({ identity, commands }, operation, voters, targetsOfPlan(await estate(), plan), plan);
    },
  };
}
