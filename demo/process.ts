import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { monotonicMs, sleep } from '../src/kernel/clock.ts';

const Identity = z.object({ pid: z.number().int(), started: z.string() });

/** When the process began, in the kernel's ticks since boot: with the process id it names one process for ever. */
function startedAt(pid: number): string | undefined {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ').at(-1)?.split(' ') ?? [];
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch {
    return undefined;
  }
}

/** Remembers in `file` that `pid` is ours. */
export function remember(file: string, pid: number): void {
  const started = startedAt(pid);
  if (started !== undefined) writeFileSync(file, JSON.stringify({ pid, started }));
}

/** The process remembered in `file`, if that very process is still alive. */
export function remembered(file: string): number | undefined {
  if (!existsSync(file)) return undefined;
  const identity = Identity.safeParse(JSON.parse(readFileSync(file, 'utf8')));
  return identity.success && startedAt(identity.data.pid) === identity.data.started ? identity.data.pid : undefined;
}

/** Ends the process remembered in `file`: TERM, then KILL after `graceMs`; waits until it is gone. */
export async function endRemembered(file: string, graceMs: number): Promise<void> {
  const pid = remembered(file);
  if (pid !== undefined) {
    process.kill(pid, 'SIGTERM');
    const began = monotonicMs();
    let killed = false;
    while (remembered(file) === pid) {
      if (!killed && monotonicMs() - began > graceMs) {
        process.kill(pid, 'SIGKILL');
        killed = true;
      }
      await sleep(20);
    }
  }
  rmSync(file, { force: true });
}
