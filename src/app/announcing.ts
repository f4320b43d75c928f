import { hostname } from 'node:os';
import type { Logger } from '../adapters/log/logger.ts';
import { PostgresAnnounceStore } from '../adapters/postgres/announce-store.ts';
import type { Database } from '../adapters/postgres/database.ts';
import { Leader } from '../adapters/postgres/leader.ts';
import { PostgresNoticeStore } from '../adapters/postgres/notice-store.ts';
import type { Listener } from '../adapters/postgres/notify.ts';
import { PostgresStandingNotices } from '../adapters/postgres/standing-notices.ts';
import type { Clients } from '../adapters/slack/clients.ts';
import type { Identity } from '../adapters/slack/identity.ts';
import { announce } from '../adapters/slack/outbound/announcer.ts';
import type { ConfigFile } from '../config/schema.ts';
import { newUuid } from '../kernel/ids.ts';
import type { ReviewNotices } from '../operations/reviews.ts';

const TOPICS = ['changed', 'output', 'reconnected'] as const;

/** Stands for the election of the one process that announces, and announces while it is that one. */
export function startAnnouncing(
  { pool, connectionString }: Database,
  parts: {
    readonly config: ConfigFile;
    readonly clients: Clients;
    readonly identity: Identity;
    readonly listener: Listener;
    readonly reviews: ReviewNotices;
    readonly log: Logger;
  },
): Leader {
  const { identity, listener, log } = parts;
  const { slack } = parts.config;
  const leader = new Leader(connectionString, 'announcer');
  leader.start(
    (signal) =>
      announce(
        {
          clients: parts.clients,
          store: new PostgresAnnounceStore(pool),
          notices: new PostgresNoticeStore(pool),
          messagesPerSecond: slack.messages_per_second,
          reviews: parts.reviews,
          standing: new PostgresStandingNotices(pool),
          slash: slack.command,
          auditChannel: slack.channels.audit ?? null,
          approvers: () => identity.eligibleHolders('approver'),
          admins: () => identity.eligibleHolders('admin'),
          reachable: (person) => identity.reachable(person),
          log,
          holder: `${hostname()}-${newUuid()}`,
          onChange: (wake) => {
            for (const topic of TOPICS) listener.on(topic, wake);
            return () => {
              for (const topic of TOPICS) listener.off(topic, wake);
            };
          },
        },
        signal,
      ),
    (error) => log.warn({ error: String(error) }, 'announcing stopped; it is tried again'),
  );
  return leader;
}
