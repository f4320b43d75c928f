import { type Refusal, refusal } from '../../kernel/errors.ts';
import { err, ok, type Result } from '../../kernel/result.ts';
import { whyUnusable } from './check-folder.ts';
import { differencesOf } from './differences.ts';
import { readDocument } from './document.ts';
import { isComposeName } from './names.ts';
import type { Found, NewContent } from './plan-change.ts';

/**
 * A whole file that somebody has prepared beside the compose file, so that what is secret in it never passes through
 * Slack. Refusals: bad_arguments for the compose file itself, precheck_failed for one that is not there or is no YAML.
 */
export function planPrepared({ file, folder, content }: Found, name: string): Result<NewContent, Refusal> {
  const path = `${folder.path}/${name}`;
  if (isComposeName(name))
    return err(
      refusal(
        'bad_arguments',
        `${name} is a file that Compose takes by itself, not one that was prepared.`,
        `Copy it under another name on ${folder.host.name}, for example next.yml, and change the copy.`,
      ),
    );
  const { wanted } = folder;
  if (wanted === null)
    return err(
      refusal(
        'precheck_failed',
        `There is no ${path} on ${folder.host.name}.`,
        `Copy the prepared file there, beside ${file.name}, readable by Twokey’s account (and best by nobody else).`,
      ),
    );
  const wrong = whyUnusable(wanted, folder.path);
  const fresh = folder.contents.get(name);
  if (wrong !== null || !fresh)
    return err(
      refusal('precheck_failed', wrong ?? `${path} cannot be read.`, 'Mend that on the host, then send it again.'),
    );
  if (fresh.text === null)
    return err(refusal('precheck_failed', `${path} is not UTF-8.`, 'Mend that on the host, then send it again.'));
  const read = readDocument(fresh.text.reveal(), path);
  if (!read.ok) return read;
  const differences = differencesOf(content, fresh);
  return ok({
    after: fresh.sha256,
    from: name,
    offset: 0,
    length: 0,
    text: '',
    title: `Put ${name} in the place of ${file.name}`,
    effects: [
      `Puts ${path} on ${folder.host.name} in the place of ${file.name}.`,
      ...differences.told,
      `${name} stays where it is: remove it afterwards, if it holds secrets.`,
    ],
    words: differences.names,
  });
}
