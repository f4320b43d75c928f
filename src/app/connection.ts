import type { Page } from '../adapters/http/health.ts';
import type { Logger } from '../adapters/log/logger.ts';
import type { Connection } from '../adapters/slack/inbound/app.ts';
import type { Environment } from '../config/environment.ts';
import { sleep } from '../kernel/clock.ts';
import { CodedError } from '../kernel/errors.ts';

/** How Slack is reached, by what the environment says. @throws CodedError bad_configuration when something is missing */
export function connectionOf(
  env: Environment,
  pages: readonly Page[],
): Connection & { readonly secret: NonNullable<Environment['botToken']> } {
  if (!env.botToken)
    throw new CodedError('bad_configuration', 'SLACK_BOT_TOKEN is missing.', {
      next: 'Put it into .env, or run `npm start` without tokens for the local workspace.',
    });
  const common = { token: env.botToken.reveal(), apiUrl: env.slackApiUrl, secret: env.botToken };
  if (env.appToken) return { ...common, mode: { kind: 'socket', appToken: env.appToken.reveal() } };
  if (env.signingSecret) {
    if (env.httpPort === 0)
      throw new CodedError('bad_configuration', 'HTTP mode needs HTTP_PORT, the port on which Slack reaches Twokey.', {
        next: 'Put HTTP_PORT into .env.',
      });
    return {
      ...common,
      mode: { kind: 'http', signingSecret: env.signingSecret.reveal(), host: env.httpHost, port: env.httpPort, pages },
    };
  }
  throw new CodedError(
    'bad_configuration',
    'Neither SLACK_APP_TOKEN (Socket Mode) nor SLACK_SIGNING_SECRET (HTTP) is set.',
    { next: 'Put one of them into .env; see the README.' },
  );
}

const LISTEN_PROBLEMS: ReadonlySet<string> = new Set(['EADDRINUSE', 'EACCES', 'EADDRNOTAVAIL']);

/** Tries until it works: Slack being away at the start is no reason to give up. */
export async function untilUp(start: () => Promise<void>, log: Logger, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      await start();
      return;
    } catch (error) {
      if (error instanceof Error && 'code' in error && LISTEN_PROBLEMS.has(String(error.code)))
        throw new CodedError('bad_configuration', `Slack's requests cannot be listened for: ${error.message}.`, {
          next: 'Give HTTP_HOST and HTTP_PORT an address of this machine and a free port.',
        });
      log.warn({ error: String(error) }, 'Slack does not answer yet; it is tried again');
      await sleep(1_000, signal);
    }
  }
}
