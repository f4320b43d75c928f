import { createServer } from 'node:net';
import { type App, App as BoltApp, HTTPReceiver, LogLevel, SocketModeReceiver } from '@slack/bolt';
import { startWorkspace, type Workspace, type WorkspaceOptions } from '../../../src/workspace/server.ts';

export const MANIFEST = new URL('../../../manifest.yml', import.meta.url).pathname;

export type Mode = 'socket' | 'http';

/** A workspace and an unmodified Bolt app that talks to it. */
export interface Pair extends AsyncDisposable {
  readonly slack: Workspace;
  readonly app: App;
}

/** An unmodified Bolt app in Socket Mode. */
export function socketApp(slack: Workspace): App {
  const { SLACK_BOT_TOKEN: token = '', SLACK_APP_TOKEN: appToken = '', SLACK_API_URL: slackApiUrl = '' } = slack.env;
  const clientOptions = { slackApiUrl, retryConfig: { retries: 0 } };
  const receiver = new SocketModeReceiver({
    appToken,
    logLevel: LogLevel.ERROR,
    clientPingTimeout: 500,
    installerOptions: { clientOptions: { slackApiUrl } },
  });
  return new BoltApp({ token, receiver, clientOptions, logLevel: LogLevel.ERROR, deferInitialization: true });
}

export async function startPair(
  mode: Mode,
  register: (app: App) => void,
  options: Partial<WorkspaceOptions> = {},
): Promise<Pair> {
  const port = mode === 'http' ? await freePort() : 0;
  const slack = await startWorkspace({
    manifestFile: MANIFEST,
    ...(mode === 'http' ? { requestUrl: `http://127.0.0.1:${port}/slack/events` } : {}),
    ...options,
  });
  const app = mode === 'http' ? httpApp(slack) : socketApp(slack);
  register(app);
  await app.init();
  await app.start(port);
  return {
    slack,
    app,
    [Symbol.asyncDispose]: async () => {
      await stopped(app, slack);
      await slack.close();
    },
  };
}

/** Stops the app and waits until its connection is closed on both sides: Bolt itself does not wait. */
export async function stopped(app: App, slack: Workspace): Promise<void> {
  const others = Math.max(0, slack.connections - 1);
  await app.stop();
  await slack.human('admin').waitFor(() => slack.connections <= others);
}

function httpApp(slack: Workspace): App {
  const {
    SLACK_BOT_TOKEN: token = '',
    SLACK_SIGNING_SECRET: signingSecret = '',
    SLACK_API_URL: slackApiUrl = '',
  } = slack.env;
  const receiver = new HTTPReceiver({ signingSecret, logLevel: LogLevel.ERROR });
  const clientOptions = { slackApiUrl, retryConfig: { retries: 0 } };
  return new BoltApp({ token, receiver, clientOptions, logLevel: LogLevel.ERROR, deferInitialization: true });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
