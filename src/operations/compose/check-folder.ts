import { type Refusal, refusal } from '../../kernel/errors.ts';
import { err, ok, type Result } from '../../kernel/result.ts';
import type { HostFile } from './folder.ts';
import { type ComposeFacts, MOST_BYTES } from './look.ts';

/** The file that Compose uses, and what is laid over it. */
export interface ComposeFile {
  readonly file: HostFile;
  /** Others that Compose would take if this one were not there. */
  readonly unused: readonly string[];
  /** Laid over the file by Compose itself. */
  readonly overrides: readonly string[];
}

const no = (message: string, next: string) => err(refusal('precheck_failed', message, next));

/**
 * The file of a site's compose project. Refusals: precheck_failed for a folder or a file that is not there or is not as
 * it has to be, not_supported for a project of several files.
 */
export function findFile(facts: ComposeFacts, version: 'v1' | 'v2'): Result<ComposeFile, Refusal> {
  const { path, host, files, overrides, namedBy } = facts;
  if (!facts.there)
    return no(
      `The folder ${path} is not on ${host.name}, or its account may not enter it.`,
      'Correct `site_dir` in the estate, or `compose.folder` in the profile.',
    );
  if (namedBy !== null)
    return err(
      refusal(
        'not_supported',
        `The files of the project are named by COMPOSE_FILE in ${namedBy === '.env' ? `${path}/.env` : 'the environment of the account'}: they may be several, and Twokey changes one.`,
        'Change them on the host, then send `redeploy <site>`.',
      ),
    );
  const [file, ...others] = files;
  if (!file)
    return no(
      `There is no compose file in ${path} on ${host.name}.`,
      'Correct `site_dir` in the estate, or `compose.folder` in the profile.',
    );
  const wrong = whyUnusable(file, path);
  if (wrong !== null) return no(wrong, 'Mend that on the host, then send it again.');
  // docker-compose v1 refuses several, v2 takes the first.
  if (version === 'v1' && overrides.length > 1)
    return no(
      `docker-compose does not work with several files laid over ${file.name}: ${overrides.map((one) => one.name).join(', ')}.`,
      'Leave one of them in the folder.',
    );
  return ok({
    file,
    unused: others.map((one) => one.name),
    overrides: overrides.slice(0, 1).map((one) => one.name),
  });
}

/** Why a file of the folder cannot be used; null when it can. */
export function whyUnusable({ name, kind, readable, bytes }: HostFile, folder: string): string | null {
  const path = `${folder}/${name}`;
  if (kind === 'link') return `${path} is a symbolic link; only a file that lies in the folder itself is used.`;
  if (kind === 'other') return `${path} is no file.`;
  if (!readable) return `${path} cannot be read by the account.`;
  if (bytes > MOST_BYTES) return `${path} is too large: ${bytes} bytes, and at most ${MOST_BYTES} are read.`;
  return null;
}

/**
 * Whether the account may put another file in the place of this one and leave all else as it is: write the folder, and
 * give the file to its owner and its group. Refusal: precheck_failed, naming the `sudo` of the host.
 */
export function checkRights(facts: ComposeFacts, { file }: ComposeFile): Result<true, Refusal> {
  const { path, host, owner, writable, account, hasSha256sum } = facts;
  if (!hasSha256sum) return no(`${host.name} has no sha256sum.`, 'Install coreutils there.');
  const as = (user: string) =>
    `Set \`host edit ${host.name} sudo ${user}\`, and let ${account.name} do \`sudo -n -u ${user} /bin/sh -s\` there. Then send it again.`;
  if (!writable)
    return no(
      `The folder ${path} on ${host.name} belongs to ${owner}, and the account ${account.name} may not write there.`,
      as(owner),
    );
  const here = `${path}/${file.name} on ${host.name}`;
  if (account.uid === '0') return ok(true);
  if (file.uid !== account.uid)
    return no(
      `${here} belongs to ${file.owner}, and after a change it would belong to ${account.name}.`,
      as(file.owner),
    );
  if (account.groups.includes(file.gid)) return ok(true);
  return no(
    `${here} has a group that the account ${account.name} is not in, so another file could not get it.`,
    `Give it a group of ${account.name} with \`chgrp\`. Or let Twokey work as root: ${as('root')}`,
  );
}
