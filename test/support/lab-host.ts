import { chmod, mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { HostTarget } from '../../src/shell/transport.ts';
import type { TestSshd } from './sshd.ts';

/** An sshd of a test as a host of the estate. */
export function sshdEntry(name: string, { address, port, user, base, hostKeys, key }: HostTarget) {
  const key_file = 'file' in key ? key.file : '';
  return { name, address, port, user, base, host_keys: [...hostKeys], key_file };
}

/** The folder of a site on its host, which the host's account may write. */
export async function siteFolder(sshd: TestSshd): Promise<string> {
  const folder = join(sshd.dir, 'site');
  await mkdir(folder, { recursive: true });
  await chmod(folder, 0o777);
  return folder;
}

/** Every PostgreSQL program by its name; those in `programs` run that text first. What runs just now is not written over. */
export async function toolFolder(
  folder: string,
  bin: string,
  programs: Readonly<Record<string, string>>,
): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const program of ['pg_dump', 'pg_dumpall', 'pg_restore', 'psql']) {
    const text = programs[program] ?? '';
    const file = join(folder, program);
    await writeFile(`${file}.new`, `#!/bin/sh\nREAL='${join(bin, program)}'\n${text}\nexec "$REAL" "$@"\n`);
    await chmod(`${file}.new`, 0o755);
    await rename(`${file}.new`, file);
  }
}
