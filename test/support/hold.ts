import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Lab } from './lab.ts';
import { until } from './until.ts';

/** A dump that has begun and does not end before it is let go: the site stays occupied meanwhile. */
export interface Held {
  readonly operation: string;
  release(): Promise<void>;
}

const HOLD = 'hold-the-dump';

/** Shell text for `lab.tools`: pg_dump waits as long as the file is there. Questions for its version do not. */
export function holdingDump(lab: Lab): string {
  return `case "$*" in *--format*) while [ -e '${join(lab.sshd.dir, HOLD)}' ]; do sleep 0.05; done ;; esac`;
}

/** Starts a backup of `acme` that holds the site until it is released. Its two approvals are given where they are needed. */
export async function holdSite(lab: Lab): Promise<Held> {
  const file = join(lab.sshd.dir, HOLD);
  await writeFile(file, '');
  await lab.tools({ pg_dump: holdingDump(lab) });
  const operation = await lab.request('/ops backup acme');
  const [row] = await lab.rows<{ state: string }>('select state from twokey.operation where id = $1', [operation]);
  if (row?.state === 'awaiting') await lab.approve(operation);
  await until(
    'the dump holds the site',
    async () => {
      const steps = await lab.rows<{ step: string }>(
        `select step from twokey.step where operation = $1 and state = 'running' and step = 'db.dump'`,
        [operation],
      );
      return steps.length === 1;
    },
    20_000,
  );
  return { operation, release: () => rm(file, { force: true }) };
}
