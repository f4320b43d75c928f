import type { IncomingMessage, ServerResponse } from 'node:http';
import { App, HTTPReceiver, LogLevel, type Receiver, SocketModeReceiver } from '@slack/bolt';
import type { Logger } from '../../log/logger.ts';
import type { Clients } from '../clients.ts';
import { listenToButtons } from './buttons.ts';
import { listenToCodes } from './code-forms.ts';
import { listenToCommands } from './commands.ts';
import { listenToConfirmations } from './confirm-modal.ts';
import type { Desk } from './desk.ts';
import { listenToHome } from './home.ts';
import { listenToNotes } from './note-forms.ts';

export interface Connection {
  readonly token: string;
  readonly apiUrl: string;
  /** Socket Mode with an app token, else HTTP with a signing secret. */
  readonly mode:
    | { readonly kind: 'socket'; readonly appToken: string }
    | {
        readonly kind: 'http';
        readonly signingSecret: string;
        readonly host: string;
        readonly port: number;
        /** Other pages that are served beside Slack's requests. */
        readonly pages: readonly {
          readonly path: string;
          readonly serve: (request: IncomingMessage, response: ServerResponse) => void;
        }[];
      };
}

export interface SlackApp {
  start(): Promise<void>;
  /** True while payloads can arrive. */
  connected(): boolean;
  stop(): Promise<void>;
}

/** Wires the listeners to Slack. Nothing arrives before `start`. */
export function makeSlackApp(connection: Connection, clients: Clients, desk: Desk, log: Logger): SlackApp {
  let up = false;
  const quiet = boltLogger(log);
  const receiver = makeReceiver(connection, quiet, (state) => {
    up = state;
  });
  const app = new App({
    token: connection.token,
    receiver,
    logger: quiet,
    clientOptions: { slackApiUrl: connection.apiUrl, retryConfig: { retries: 2 }, timeout: 10_000 },
    // Checking the token in the constructor would end the process when Slack does not answer at that moment.
    deferInitialization: true,
  });
  app.error((error) => {
    log.error({ error: String(error) }, 'a Slack payload could not be handled');
    return Promise.resolve();
  });
  listenToCommands(app, desk, clients.control);
  listenToButtons(app, desk, clients.control);
  listenToCodes(app, desk, clients.control);
  listenToNotes(app, desk, clients.control);
  listenToConfirmations(app, desk, clients.control);
  listenToHome(app, desk, clients.control);
  app.event('user_change', ({ event }) => {
    desk.identity.forgetUser(event.user.id);
    // Most changes are of people who hold nothing here, and of pictures and moods.
    if (desk.identity.isKnown(event.user.id)) desk.rolesMayHaveChanged();
    return Promise.resolve();
  });
  app.event('subteam_members_changed', () => {
    desk.identity.forgetGroups();
    desk.rolesMayHaveChanged();
    return Promise.resolve();
  });
  return {
    async start() {
      await app.init();
      if (connection.mode.kind === 'http') await app.start({ port: connection.mode.port, host: connection.mode.host });
      else await app.start();
      up = true;
    },
    connected: () => up,
    async stop() {
      up = false;
      await app.stop();
    },
  };
}

type Quiet = ReturnType<typeof boltLogger>;

function makeReceiver(connection: Connection, logger: Quiet, onState: (up: boolean) => void): Receiver {
  if (connection.mode.kind === 'http') {
    return new HTTPReceiver({
      signingSecret: connection.mode.signingSecret,
      logger,
      endpoints: '/slack/events',
      customRoutes: connection.mode.pages.map(({ path, serve }) => ({ path, method: 'GET', handler: serve })),
    });
  }
  const receiver = new SocketModeReceiver({
    appToken: connection.mode.appToken,
    // Also the pause before reconnecting; the library's five seconds are long for somebody who waits.
    clientPingTimeout: 2_500,
    logger,
    installerOptions: { clientOptions: { slackApiUrl: connection.apiUrl } },
  });
  receiver.client.on('connected', () => onState(true));
  receiver.client.on('disconnected', () => onState(false));
  receiver.client.on('reconnecting', () => onState(false));
  return receiver;
}

/** Bolt's log in ours: only what needs attention, and never a payload. */
function boltLogger(log: Logger) {
  const words = (parts: unknown[]) => parts.map(String).join(' ').slice(0, 500);
  return {
    debug: () => undefined,
    info: () => undefined,
    warn: (...parts: unknown[]) => log.warn({ slack: words(parts) }, 'slack'),
    error: (...parts: unknown[]) => log.error({ slack: words(parts) }, 'slack'),
    setLevel: () => undefined,
    getLevel: () => LogLevel.WARN,
    setName: () => undefined,
  };
}
