import type { WebClient } from '@slack/web-api';
import { z } from 'zod';
import { sleep } from '../../kernel/clock.ts';
import { CodedError } from '../../kernel/errors.ts';
import type { Logger } from '../log/logger.ts';
import { failureOf } from './failure.ts';

const answer = z.object({ team_id: z.string(), user_id: z.string(), bot_id: z.string().optional() });

/**
 * The workspace and the bot behind the token. Waits while Slack does not answer.
 * @throws CodedError bad_configuration when Slack refuses the token
 */
export async function whoAmI(
  client: WebClient,
  log: Logger,
  signal: AbortSignal,
): Promise<{ readonly team: string; readonly user: string }> {
  for (;;) {
    try {
      const me = answer.parse(await client.auth.test());
      return { team: me.team_id, user: me.user_id };
    } catch (error) {
      const failure = failureOf(error);
      if (failure.kind === 'refused') {
        throw new CodedError('bad_configuration', `Slack refuses the bot token: ${failure.error}.`, {
          next: 'Check SLACK_BOT_TOKEN.',
        });
      }
      if (signal.aborted) throw error;
      log.warn({ failure }, 'Slack does not answer yet; it is tried again');
      await sleep(1_000, signal);
    }
  }
}
