import { spawn } from 'node:child_process';
import { once } from 'node:events';

/**
 * Holds an exclusive lock on `path` (created if need be) until disposed. The lock belongs to a held child that ends
 * when its standard input closes, so it is given up even when this process is killed. Waits for up to `waitSeconds`;
 * throws when another run still holds it then.
 */
export async function lockFile(path: string, waitSeconds: number): Promise<AsyncDisposable> {
  const child = spawn('flock', ['--wait', String(waitSeconds), path, 'sh', '-c', 'echo held; exec cat'], {
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const ended = once(child, 'exit');
  const held = await Promise.race([once(child.stdout, 'data').then(() => true), ended.then(() => false)]);
  if (!held) throw new Error(`the lock ${path} was not free within ${waitSeconds} s`);
  return {
    async [Symbol.asyncDispose]() {
      child.stdin.end();
      await ended;
    },
  };
}
