import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './install.mjs';

/**
 * Flags of the bot's process: a small young generation keeps its memory flat while a command floods (measured: a third
 * less at 400 MB of output), and a deprecation that the engine causes is no news to an operator.
 */
export const BOT_FLAGS = JSON.parse(readFileSync(new URL('./flags.json', import.meta.url), 'utf8'));

/** Runs Node 24 in our place: same terminal, signals passed on, and its exit status becomes ours. */
export function handOver(node, args, env) {
  return new Promise((resolve) => {
    // The channel tells the child when we are killed, since a signal that ends us at once cannot be passed on.
    const cached = { NODE_COMPILE_CACHE: join(ROOT, '.cache/compile'), ...env };
    const child = spawn(node, args, { cwd: ROOT, env: cached, stdio: ['inherit', 'inherit', 'inherit', 'ipc'] });
    const pass = (signal) => child.kill(signal);
    const signals = ['SIGTERM', 'SIGINT', 'SIGHUP'];
    for (const signal of signals) process.on(signal, pass);
    child.once('error', (error) => {
      process.stderr.write(`cannot run ${node}: ${error.message}\n`);
      process.exitCode = 1;
      resolve();
    });
    child.once('exit', (code, signal) => {
      for (const name of signals) process.off(name, pass);
      process.exitCode = code ?? (signal === 'SIGINT' ? 130 : 1);
      resolve();
    });
  });
}
