#!/usr/bin/env node
// npm start: with Slack tokens the bot itself; without, the local workspace and the demonstration estate around it.
import { join } from 'node:path';
import { environmentWith } from './env.mjs';
import { BOT_FLAGS, handOver } from './handover.mjs';
import { install, ROOT, run } from './install.mjs';

await run(async () => {
  const env = environmentWith(join(ROOT, '.env'));
  const plain = env.SLACK_BOT_TOKEN !== undefined && env.TWOKEY_DEMO !== '1';
  const node = install({ debian: !plain });
  await handOver(node, plain ? [...BOT_FLAGS, 'src/main.ts', 'start'] : ['demo/start.ts'], env);
});
