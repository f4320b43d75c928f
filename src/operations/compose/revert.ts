import type { Site } from '../../estate/types.ts';
import { didYouMean } from '../../kernel/did-you-mean.ts';
import { type Refusal, refusal } from '../../kernel/errors.ts';
import { err, ok, type Result } from '../../kernel/result.ts';
import { whyUnusable } from './check-folder.ts';
import { differencesOf } from './differences.ts';
import { namedAgain } from './look.ts';
import type { Found, NewContent } from './plan-change.ts';

/**
 * A dated backup in the place of the file: the newest, or the one that was named. Refusals: bad_arguments where there is
 * none of that name or the file is like it, precheck_failed where there is none at all or it is not what its `.sha256` file says.
 */
export function planReturn(
  { file, folder, content }: Found,
  site: Pick<Site, 'name' | 'host'>,
  named: string | undefined,
): Result<NewContent, Refusal> {
  const { backups, host } = folder;
  const [newest] = backups;
  const again = namedAgain(folder, site);
  const here = `${folder.path}/${file.name} on ${host.name}`;
  if (!newest)
    return err(
      refusal(
        'precheck_failed',
        `There is no dated backup of ${here}: Twokey has not changed it.`,
        'Nothing to revert.',
      ),
    );
  const backup = named === undefined ? newest : backups.find((one) => one.name === named);
  if (!backup) {
    const near = didYouMean(
      named ?? '',
      backups.map((one) => one.name),
    );
    return err(
      refusal(
        'bad_arguments',
        `${here} has no backup "${named}".${near === undefined ? '' : ` Did you mean \`${near}\`?`}`,
        `See \`compose history ${again}\` for their names.`,
      ),
    );
  }
  const fresh = folder.contents.get(backup.name);
  const wrong = folder.wanted === null ? 'it is not there any more' : whyUnusable(folder.wanted, folder.path);
  if (!backup.intact || fresh?.sha256 !== backup.sha256 || wrong !== null)
    return err(
      refusal(
        'precheck_failed',
        `The backup ${backup.name} is not what its .sha256 file says, so it does not come back.${wrong === null ? '' : ` ${wrong}`}`,
        `See \`compose history ${again}\` for the others, and name one of them.`,
      ),
    );
  if (fresh.sha256 === content.sha256)
    return err(
      refusal(
        'bad_arguments',
        `${here} holds exactly that already: it is as ${backup.name} has it.`,
        `See \`compose history ${again}\` for the others, and name one of them.`,
      ),
    );
  const differences = differencesOf(content, fresh);
  return ok({
    after: fresh.sha256,
    from: backup.name,
    offset: 0,
    length: 0,
    text: '',
    title: `Put ${file.name} back as operation ${backup.operation} found it`,
    effects: [
      `Puts ${here} back as it was before operation ${backup.operation}, from ${backup.name}.`,
      ...differences.told,
    ],
    words: differences.names,
  });
}
