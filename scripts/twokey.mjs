#!/usr/bin/env node
// The command line of Twokey: `node scripts/twokey.mjs help`.
import { join } from 'node:path';
import { environmentWith } from './env.mjs';
import { BOT_FLAGS, handOver } from './handover.mjs';
import { install, ROOT, run } from './install.mjs';

await run(async () => {
  const node = install({ debian: false });
  await handOver(
    node,
    [...BOT_FLAGS, join(ROOT, 'src/main.ts'), ...process.argv.slice(2)],
    environmentWith(join(ROOT, '.env')),
  );
});
