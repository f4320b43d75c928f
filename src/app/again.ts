import type { Command } from '../../commands/contract/command.ts';
import type { Identity } from '../adapters/slack/identity.ts';
import type { ConfigFile } from '../config/schema.ts';
import type { Profiles } from '../estate/profile-load.ts';
import type { Estate } from '../estate/types.ts';
import { CodedError, refusal } from '../kernel/errors.ts';
import { err, ok } from '../kernel/result.ts';
import { targetOfPlan } from '../operations/authorise.ts';
import { destroyedBy } from '../operations/plan.ts';
import type { HostPort } from '../operations/ports.ts';
import type { OperationRecord } from '../operations/records.ts';
import { buildPlan, type ReplanContext } from '../operations/request.ts';
import { decisionFor, policyOf, rulesOf } from '../operations/site-policy.ts';
import { peopleNow } from './people.ts';

export interface Known {
  readonly config: ConfigFile;
  readonly commands: readonly Command[];
  readonly estate: () => Promise<Estate>;
  readonly profiles: Profiles;
  readonly hosts: HostPort;
  readonly identity: Identity;
}

/** What is asked again about a recorded operation, at its start and whenever its plan is built anew. */
export type Again = Pick<ReplanContext, 'replan' | 'policy' | 'resolvePeople'>;

export function asksAgain(known: Known): Again {
  const { config, commands, estate, identity } = known;
  const commandOf = (operation: OperationRecord) => commands.find((one) => one.name === operation.command);
  return {
    replan: async (operation) => {
      const command = commandOf(operation);
      if (command?.kind !== 'operation')
        return err(refusal('unknown_command', `The command "${operation.command}" is not there any more.`));
      const built = await buildPlan(known, command, operation.site, operation.args);
      return built.ok ? ok(built.value.plan) : built;
    },
    policy: async (operation) => {
      const command = commandOf(operation);
      const now = await estate();
      const site = now.sites.get(operation.site);
      if (!site || command?.kind !== 'operation')
        throw new CodedError('unknown_site', `the site "${operation.site}" is not there any more`);
      return ({ now: at, freezes }, plan) => {
        const its = policyOf(config, now, site, freezes);
        const work = { estimateMs: operation.estimateMs, destroys: destroyedBy(plan).length > 0 };
        return {
          ...decisionFor(its, command.risk, at, operation.emergency, work),
          rules: rulesOf(its, command.risk),
          requesterCounts: its.policy.requester_counts,
        };
      };
    },
    resolvePeople: async (operation, plan, voters) => {
      const now = await estate();
      return peopleNow({ identity, estate: now, commands }, operation, voters, (site) => targetOfPlan(now, site, plan));
    },
  };
}
