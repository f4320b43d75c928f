import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { LOOK, type LookParts } from '../../src/estate/introspection/look.ts';
import { scriptWith } from '../../src/shell/scripts.ts';

export interface LookOptions {
  readonly parts?: LookParts;
  /** Absolute path of the shell; default /bin/sh. */
  readonly shell?: string;
  /** The account to look as; default this process's own. */
  readonly uid?: number;
  readonly env?: Readonly<Record<string, string>>;
}

/** A folder laid out as a host's file system, at which the real script can look. */
export interface LookTree extends AsyncDisposable {
  readonly root: string;
  /** Writes a file, its folders included. */
  file(path: string, text: string, mode?: number): Promise<void>;
  link(path: string, target: string): Promise<void>;
  folder(path: string): Promise<void>;
  /** What the script prints, its parameters as they go to a host. */
  look(options?: LookOptions): Promise<Buffer>;
}

export async function lookTree(): Promise<LookTree> {
  const root = await mkdtemp(join(tmpdir(), 'look-'));
  await chmod(root, 0o755);
  const at = async (path: string): Promise<string> => {
    await mkdir(dirname(join(root, path)), { recursive: true });
    return join(root, path);
  };
  return {
    root,
    async file(path, text, mode = 0o644) {
      const place = await at(path);
      await writeFile(place, text);
      await chmod(place, mode);
    },
    link: async (path, target) => symlink(target, await at(path)),
    folder: async (path) => void (await mkdir(await at(path), { recursive: true })),
    look: ({ parts = 'all', shell = '/bin/sh', uid, env = {} } = {}) =>
      new Promise((resolve, reject) => {
        execFile(
          shell,
          // As on a host, where the helper of the protocol evaluates what it was handed.
          ['-c', 'eval "$1"', 'look', scriptWith(LOOK, { parts, root })],
          {
            encoding: 'buffer',
            maxBuffer: 64 * 1024 * 1024,
            cwd: root,
            env: { PATH: '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin', HOME: root, ...env },
            ...(uid === undefined ? {} : { uid, gid: uid }),
          },
          (error, stdout) => (error && error.code !== 0 && stdout.length === 0 ? reject(error) : resolve(stdout)),
        );
      }),
    async [Symbol.asyncDispose]() {
      await rm(root, { recursive: true, force: true });
    },
  };
}
