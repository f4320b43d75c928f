import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { inQuotes } from '../../estate/import/names.ts';
import { type Hop, readKnownKeys, readSettings, type SshSettings } from '../../estate/import/ssh-settings.ts';
import { type Refusal, refusal } from '../../kernel/errors.ts';
import { err, type Result } from '../../kernel/result.ts';

/**
 * `ssh -G` runs what `Match exec` names, by the shell in $SHELL ("under the user's shell", ssh_config(5)). A shell that is
 * not there makes ssh end with an error before anything runs, also for what `Include` brings in. ProxyCommand,
 * LocalCommand and KnownHostsCommand are not run by -G.
 */
const NO_SHELL = '/nonexistent/twokey-runs-no-match-exec';
const TIMEOUT_MS = 20_000;

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly error: string;
}

/** Runs a program by `env`, so that it has this process's environment but for the shell and the language. */
function run(program: string, args: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    const child = execFile(
      'env',
      [`SHELL=${NO_SHELL}`, 'LC_ALL=C', program, ...args],
      { timeout: TIMEOUT_MS, maxBuffer: 4_000_000 },
      (failed, out, error) =>
        resolve({ code: failed === null ? 0 : child.exitCode, out, error: error || (failed?.message ?? '') }),
    );
    child.stdin?.end();
  });
}

/**
 * What `ssh -G` says of a host, read from `config` or, without one, from where ssh itself looks. Nothing is connected to
 * and no command of the configuration is run. Refusals: bad_configuration for one with a `Match exec` on the way.
 */
export async function sshSettings(hop: Hop, config: string | null): Promise<Result<SshSettings, Refusal>> {
  const args = [
    '-G',
    ...(config === null ? [] : ['-F', config]),
    ...(hop.user === null ? [] : ['-l', hop.user]),
    ...(hop.port === null ? [] : ['-p', String(hop.port)]),
    '--',
    hop.alias,
  ];
  const { code, out, error } = await run('ssh', args);
  if (code === 0) return readSettings(hop.alias, out);
  if (error.includes(NO_SHELL))
    return err(
      refusal(
        'bad_configuration',
        `The ssh configuration decides about ${hop.alias} with \`Match exec\`, which would run a command. Twokey runs none.`,
        'Write the host without `Match exec` into a file of its own, and name that with `--config FILE`.',
      ),
    );
  if (code === 127)
    return err(
      refusal(
        'bad_configuration',
        'The program `ssh` is not installed here.',
        'Install OpenSSH’s client, for example openssh-client.',
      ),
    );
  const last = error.trim().split('\n').at(-1) ?? '';
  return err(
    refusal('bad_configuration', `ssh cannot tell about ${hop.alias}: ${inQuotes(last)}.`, 'Correct your ssh_config.'),
  );
}

/** The public keys of a host in known_hosts files, found by `ssh-keygen -F`, which also finds hashed names. */
export async function knownKeys({ keyName, knownHostsFiles }: SshSettings): Promise<readonly string[]> {
  const files = knownHostsFiles.filter((file) => existsSync(file));
  const printed = await Promise.all(files.map((file) => run('ssh-keygen', ['-F', keyName, '-f', file])));
  const read = printed.map(({ out }) => readKnownKeys(out));
  const revoked = new Set(read.flatMap((one) => one.revoked));
  return [...new Set(read.flatMap((one) => one.keys))].filter((key) => !revoked.has(key));
}
