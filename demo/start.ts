import { mkdirSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import BOT_FLAGS from '../scripts/flags.json' with { type: 'json' };
import { messageOf } from '../src/kernel/errors.ts';
import { Child } from './child.ts';
import { writeDemoConfig } from './config.ts';
import { type Demo, startDemo } from './estate.ts';
import { ensurePage } from './page.ts';
import { Ports } from './ports.ts';
import { endRemembered, remember, remembered } from './process.ts';

// What `npm start` runs without tokens: the demonstration estate, the local workspace, and Twokey between them. With
// tokens and TWOKEY_DEMO=1 it is the estate and Twokey, which then speaks to the real Slack.

const root = dirname(import.meta.dirname);
const home = resolve(process.env.TWOKEY_HOME ?? join(root, '.twokey'));
const own = join(home, 'demo');
const pidFile = join(own, 'start.pid');
const realSlack = process.env.SLACK_BOT_TOKEN !== undefined;
/** The local workspace is on loopback only and takes these; they open nothing else. */
const LOCAL_TOKENS = { SLACK_BOT_TOKEN: 'xoxb-local-bot', SLACK_APP_TOKEN: 'xapp-local-app' };

let demo: Demo | undefined;
let workspace: Child | undefined;
let bot: Child | undefined;
let ending: Promise<void> | undefined;

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

async function end(): Promise<void> {
  await bot?.stop();
  await workspace?.stop();
  await demo?.stop();
  rmSync(pidFile, { force: true });
}

function endOnce(): void {
  if (ending) return;
  say('\nStopping; what was started keeps its data');
  ending = end();
  ending.then(
    () => process.exit(0),
    (error: unknown) => {
      say(messageOf(error));
      process.exit(1);
    },
  );
}

function welcome(url: string): void {
  const line = '─'.repeat(Math.max(60, url.length + 20));
  say(`
${line}
  Open  ${url}
${line}
  Then: 1. as the operator, in #operations:  /ops backup demo-production
        2. as approver-a and approver-b, press Approve on its card: demo-production is always outside working hours
        3. watch the card and its thread; try  kill -9 ${bot?.pid}  in the middle: it is started again and goes on
  Logs: ${own}/*.log    Stop with Ctrl-C; the next start finds everything as it was.
`);
}

async function start(): Promise<void> {
  mkdirSync(own, { recursive: true });
  const running = remembered(pidFile);
  if (running !== undefined) {
    const port = new Ports(join(own, 'ports.json')).remembered('workspace');
    const where = realSlack || port === undefined ? '' : `: http://127.0.0.1:${port}`;
    say(`The demonstration of ${home} is running already, as process ${running}${where}`);
    process.exit(0);
  }
  remember(pidFile, process.pid);
  // What a killed start left behind still holds the ports, and two bots would be one too many.
  for (const name of ['bot', 'workspace']) await endRemembered(join(own, `${name}.pid`), 10_000);
  const began = performance.now();
  const page = realSlack ? undefined : ensurePage(root, say);
  // Awaited below; until then its failure must not end the process without a word.
  page?.catch(() => {});
  say('Starting the demonstration estate');
  demo = await startDemo(home, (message) => say(`  ${message}`));
  if (ending) return;
  const ports = new Ports(join(own, 'ports.json'));
  const httpPort = process.env.HTTP_PORT ?? String(await ports.choose('http', 7301));
  let env: NodeJS.ProcessEnv = {
    ...process.env,
    TWOKEY_HOME: home,
    TWOKEY_DEMO_ESTATE: demo.estateFile,
    HTTP_PORT: httpPort,
  };
  let url = '';
  if (page) {
    const port = await ports.choose('workspace', 7300);
    const args = ['src/workspace/main.ts', '--port', String(port), '--data', join(home, 'workspace')];
    const spec = {
      name: 'workspace',
      args: [...args, '--page', await page, '--manifest', join(root, 'manifest.yml')],
      env: { ...process.env, ...LOCAL_TOKENS },
      ready: /(https?:\/\/127\.0\.0\.1:\d+)/,
    };
    workspace = new Child(spec, root, own, say);
    url = await workspace.start();
    env = { ...env, ...LOCAL_TOKENS, SLACK_API_URL: `${url}/api/`, TWOKEY_CONFIG: writeDemoConfig(home) };
  }
  bot = new Child(
    { name: 'bot', args: [...BOT_FLAGS, 'src/main.ts', 'start'], env, ready: /twokey ready/ },
    root,
    own,
    say,
  );
  await bot.start();
  say(`Ready after ${((performance.now() - began) / 1000).toFixed(1)} s`);
  if (url !== '') welcome(url);
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, endOnce);
// The channel closes when the process that started us was killed.
process.on('disconnect', endOnce);

try {
  await start();
} catch (error) {
  if (!ending) {
    process.stderr.write(`\n${messageOf(error)}\n`);
    await end();
    process.exit(1);
  }
}
