import type { StandingStore } from '../../approvals/ports.ts';
import { makeStepUp, type StepUp } from '../../approvals/step-up-service.ts';
import type { Command } from '../../commands/contract/command.ts';
import { totpKey } from '../adapters/files/secrets.ts';
import type { Database } from '../adapters/postgres/database.ts';
import { PostgresStepUpStore } from '../adapters/postgres/step-up-store.ts';
import type { Identity } from '../adapters/slack/identity.ts';
import { otpCodes } from '../adapters/totp/codes.ts';
import { KEY_BYTES, sealWith } from '../adapters/totp/seal.ts';
import type { Environment } from '../config/environment.ts';
import type { ConfigFile } from '../config/schema.ts';
import type { Estate } from '../estate/types.ts';
import { ok } from '../kernel/result.ts';
import type { Target } from '../operations/authorise.ts';
import type { StandingContext } from '../operations/standing.ts';
import { peopleNow } from './people.ts';

/** The second factor of approvers, with the key that this replica's data directory holds. */
export function openStepUp(env: Environment, { slack }: ConfigFile, pool: Database['pool']): StepUp {
  const store = new PostgresStepUpStore(pool, slack.channels.audit ?? slack.channels.operations);
  return makeStepUp(store, otpCodes, async (first) => {
    const key = await totpKey(env.home, KEY_BYTES, first);
    return key.ok ? ok(sealWith(key.value)) : key;
  });
}

/** What standing approvals are judged by. */
export function standingContext(parts: {
  readonly store: StandingStore;
  readonly config: ConfigFile;
  readonly commands: readonly Command[];
  readonly identity: Identity;
  readonly estate: () => Promise<Estate>;
  readonly now: () => Promise<Date>;
}): StandingContext {
  const { store, config, commands, identity, estate, now } = parts;
  return {
    store,
    config,
    estate,
    now,
    commandOf: (name) => {
      const command = commands.find((one) => one.name === name);
      return command?.kind === 'operation' ? command : null;
    },
    approvers: () => identity.active('approver'),
    resolvePeople: async ({ definition: { command, site }, requester, requesterCounts }, voters) => {
      const at = (await estate()).sites.get(site);
      const targets: readonly Target[] = at ? [{ kind: 'site', site: at, hosts: null }] : [];
      return peopleNow({ identity, commands }, { command, requester, requesterCounts }, voters, targets, null);
    },
  };
}
