import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { messageOf, refusal } from '../../kernel/errors.ts';
import { err, ok } from '../../kernel/result.ts';
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
