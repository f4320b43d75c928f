import type { Command } from '../../commands/contract/command.ts';
import { type Engine, startEngine } from '../adapters/engine/engine.ts';
import { openSecrets } from '../adapters/files/secrets.ts';
import type { Logger } from '../adapters/log/logger.ts';
import type { PostgresRunStore } from '../adapters/postgres/run-store.ts';
import type { Identity } from '../adapters/slack/identity.ts';
import type { ConfigFile } from '../config/schema.ts';
import type { Estate } from '../estate/types.ts';
import { CodedError, messageOf, refusal } from '../kernel/errors.ts';
import { err, ok } from '../kernel/result.ts';
import { targetOfPlan } from '../operations/authorise.ts';
import type { AskPolicy, HostPort } from '../operations/ports.ts';
import type { OperationRecord } from '../operations/records.ts';
import { buildPlan } from '../operations/request.ts';
import { type RunContext, runOperation } from '../operations/runner.ts';
import { decisionFor, policyOf, rulesOf } from '../operations/site-policy.ts';
import { peopleNow } from './people.ts';

interface Parts {
  readonly connectionString: string;
  /** The data directory, for secrets. */
  readonly home: string;
  readonly config: ConfigFile;
  readonly commands: readonly Command[];
  readonly estate: () => Promise<Estate>;
  readonly hosts: HostPort;
  readonly identity: Identity;
  readonly store: PostgresRunStore;
  readonly log: Logger;
  readonly stopping: AbortSignal;
  /** An operation waits for people again. */
  readonly waitsAgain: () => void;
}

/** Starts the engine with all that a run needs, from the claim to the outcome. */
export function startRuns(parts: Parts): Promise<Engine> {
  const { store, log } = parts;
  const context = runContext(parts);
  return startEngine({
    connectionString: parts.connectionString,
    run: async (durable, operation, runNumber) => {
      const end = await runOperation(durable, context, operation, runNumber);
      if (end === 'reopen' || end === 'drift') parts.waitsAgain();
      return end;
    },
    onBroken: async (operation, error) => {
      log.error({ operation, error: String(error) }, 'a run broke');
      const reason = `Twokey itself failed in the middle of it: ${messageOf(error)}. Nobody knows how the command on the host ended.`;
      await store.finish(operation, { state: 'lost', reason, next: 'Look at the host, then press Retry or Leave.' });
    },
    log: (level, message, fields) => log[level](fields ?? {}, message),
  });
}

function runContext({ config, commands, estate, hosts, identity, store, home, stopping }: Parts): RunContext {
  const commandOf = (operation: OperationRecord) => commands.find((one) => one.name === operation.command);
  return {
    hosts,
    store,
    secrets: openSecrets(home),
    estate,
    stopping,
    resolvePeople: async (operation, plan, voters) => {
      const known = await estate();
      return peopleNow({ identity, estate: known, commands }, operation, voters, (site) =>
        targetOfPlan(known, site, plan),
      );
    },
    replan: async (operation) => {
      const command = commandOf(operation);
      if (command?.kind !== 'operation')
        return err(refusal('unknown_command', `The command "${operation.command}" is not there any more.`));
      const built = await buildPlan({ hosts, config, estate }, command, operation.site, operation.args);
      return built.ok ? ok(built.value.plan) : built;
    },
    policy: async (operation): Promise<AskPolicy> => {
      const command = commandOf(operation);
      const known = await estate();
      const site = known.sites.get(operation.site);
      if (!site || command?.kind !== 'operation')
        throw new CodedError('unknown_site', `the site "${operation.site}" is not there any more`);
      return ({ now: at, freezes: held }) => {
        const its = policyOf(config, known, site, held);
        return {
          ...decisionFor(its, command.risk, at, operation.emergency),
          rules: rulesOf(its, command.risk),
          requesterCounts: its.policy.requester_counts,
        };
      };
    },
  };
}
