import { type FileHandle, open, writeFile } from 'node:fs/promises';
import type { Secret } from '../../../kernel/secret.ts';
import { runProgram } from './program.ts';

/** Reads one line from the pipe beside it. `printf` is the shell's own, so that the line shows in no process list. */
const ASK = `#!/bin/sh
IFS= read -r line <"\${0%/*}/passphrase" && printf '%s\\n' "$line"
`;

/** A way for ssh to ask for the passphrase of a key. */
export interface Asking extends AsyncDisposable {
  /** For the environment of ssh: names a program, never the passphrase. */
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * Hands a passphrase to ssh through a named pipe in `folder`, which must be ours alone: it is never in a file, an
 * argument or an environment, and is gone with the pipe.
 */
export async function askingFor(passphrase: Secret, folder: string): Promise<Asking> {
  const program = `${folder}/ask`;
  const pipe = `${folder}/passphrase`;
  await writeFile(program, ASK, { mode: 0o700 });
  const made = await runProgram('mkfifo', ['-m', '600', pipe], { timeoutMs: 5_000 });
  if (made.code !== 0) throw new Error(`mkfifo failed: ${made.said.trim()}`);
  // Opened for both, so that this does not wait for ssh to ask, which it does not for a key without a passphrase.
  const handle: FileHandle = await open(pipe, 'r+');
  await handle.write(`${passphrase.reveal()}\n`);
  return {
    environment: { SSH_ASKPASS: program, SSH_ASKPASS_REQUIRE: 'force' },
    [Symbol.asyncDispose]: () => handle.close(),
  };
}
