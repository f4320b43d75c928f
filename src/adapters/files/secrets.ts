import { link, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf, type Refusal, refusal } from '../../kernel/errors.ts';
import { newUuid, randomKey } from '../../kernel/ids.ts';
import { err, ok, type Result } from '../../kernel/result.ts';
import { Secret } from '../../kernel/secret.ts';
import type { SecretPort } from '../../operations/ports.ts';

/** Secrets as files of the data directory, one a file, readable by nobody else. */
export function openSecrets(home: string): SecretPort {
  return {
    async read(name) {
      const file = join(home, 'secrets', name);
      try {
        const { mode } = await stat(file);
        if ((mode & 0o077) !== 0) {
          return err(
            refusal(
              'secret_missing',
              `The secret "${name}" can be read by others.`,
              `Run \`chmod 600\` on the file ${name} in the data directory’s secrets folder.`,
            ),
          );
        }
        return ok(new Secret((await readFile(file, 'utf8')).replace(/\r?\n$/, '')));
      } catch (error) {
        return err(refusal('secret_missing', `The secret "${name}" cannot be read: ${messageOf(error)}`));
      }
    },
  };
}

const TOTP_KEY = 'totp-key';

/**
 * The key that seals the secrets of codes for approvals: `bytes` bytes as base 64, in a file of the secrets folder. Made
 * there when it is missing and `make` is true; what another key has sealed would be lost else. Refusal: totp_key.
 */
export async function totpKey(home: string, bytes: number, make: boolean): Promise<Result<Uint8Array, Refusal>> {
  const folder = join(home, 'secrets');
  if (make) {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const draft = join(folder, `${TOTP_KEY}.${newUuid()}`);
    await writeFile(draft, `${Buffer.from(randomKey(bytes)).toString('base64')}\n`, { mode: 0o600, flag: 'wx' });
    // A link appears whole, and one that is there already, or that another process makes at this moment, stays.
    await link(draft, join(folder, TOTP_KEY)).catch((error: unknown) => {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    });
    await rm(draft);
  }
  const read = await openSecrets(home).read(TOTP_KEY);
  if (!read.ok) return err(refusal('totp_key', `No code can be checked here. ${read.error.message}`));
  const key = Buffer.from(read.value.reveal(), 'base64');
  return key.length === bytes
    ? ok(key)
    : err(refusal('totp_key', `No code can be checked here: the file "${TOTP_KEY}" holds no key of ${bytes} bytes.`));
}
