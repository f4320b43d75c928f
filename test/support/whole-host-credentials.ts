import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { must } from './whole-host-run.ts';

/** The account of the image, as the image's build makes it. */
export const USER = 'ops';
const USER_ID = 1000;

export interface Credentials extends AsyncDisposable {
  /** Private key of the account, unencrypted, mode 0600. */
  readonly keyFile: string;
  /** Public host keys as in a known_hosts file, without the name: `ssh-ed25519 AAAA...`. */
  readonly hostKeys: readonly string[];
  /** Host keys and the account's authorized_keys as a tar, to be unpacked at the host's root. */
  readonly tar: string;
}

/** New keys for one host: its own identity, and one login. They exist before it boots, so nobody has to trust a first look. */
export async function newCredentials(parentDir: string): Promise<Credentials> {
  const dir = await mkdtemp(join(parentDir, 'keys-'));
  const keyFile = join(dir, 'login');
  const tree = join(dir, 'tree');
  const ssh = join(tree, 'etc/ssh');
  const home = join(tree, `home/${USER}/.ssh`);
  const key = (type: string, path: string) => must('ssh-keygen', ['-q', '-t', type, '-N', '', '-C', '', '-f', path]);
  try {
    await Promise.all([mkdir(ssh, { recursive: true }), mkdir(home, { recursive: true })]);
    const types = ['ed25519', 'ecdsa'];
    await Promise.all([key('ed25519', keyFile), ...types.map((type) => key(type, join(ssh, `ssh_host_${type}_key`)))]);
    const publicKeys = await Promise.all(types.map((type) => readFile(join(ssh, `ssh_host_${type}_key.pub`), 'utf8')));
    const authorized = join(home, 'authorized_keys');
    await writeFile(authorized, await readFile(`${keyFile}.pub`));
    await chmod(authorized, 0o600);
    // Files only: entries for directories would give the host's own /etc and / the modes of this tree.
    const systemFiles = types.flatMap((type) => [`etc/ssh/ssh_host_${type}_key`, `etc/ssh/ssh_host_${type}_key.pub`]);
    const tar = join(dir, 'keys.tar');
    const owned = (id: number) => ['-C', tree, '--numeric-owner', `--owner=${id}`, `--group=${id}`];
    await must('tar', [...owned(0), '-cf', tar, ...systemFiles]);
    await must('tar', [...owned(USER_ID), '-rf', tar, `home/${USER}/.ssh/authorized_keys`]);
    await rm(tree, { recursive: true });
    return {
      keyFile,
      hostKeys: publicKeys.map((line) => line.trim()),
      tar,
      [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true }),
    };
  } catch (error) {
    await rm(dir, { recursive: true, force: true });
    throw error;
  }
}
