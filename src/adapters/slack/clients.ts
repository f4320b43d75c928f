import { LogLevel, WebClient } from '@slack/web-api';
import type { Secret } from '../../kernel/secret.ts';

export interface Clients {
  /** Answers, cards, modals, identity: must never wait behind a flood of log messages. */
  readonly control: WebClient;
  /** Log segments and files. */
  readonly log: WebClient;
}

/**
 * Two clients, so that a rate limit on one never pauses the other (the client library pauses its whole queue on a 429).
 * Neither retries by itself: a retried chat.postMessage may post twice, so the sender looks first.
 */
export function openClients(token: Secret, apiUrl: string): Clients {
  const make = () =>
    new WebClient(token.reveal(), {
      slackApiUrl: apiUrl,
      logLevel: LogLevel.ERROR,
      retryConfig: { retries: 0 },
      rejectRateLimitedCalls: true,
      timeout: 10_000,
    });
  return { control: make(), log: make() };
}
