import { type Refusal, refusal } from '../../kernel/errors.ts';
import { err, ok, type Result } from '../../kernel/result.ts';

const LABEL = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;

/**
 * The name of a site's folder and vhost in the older console's layout: the host name in lower case, its labels in
 * reverse, joined by underscores, hyphens as underscores too: `target-staging.teststudio.com` becomes
 * `com_teststudio_target_staging`. Holds only `a-z`, `0-9` and `_`. Refuses (`bad_arguments`) what is no host name of
 * RFC 1123; a dot at the end is ignored.
 */
export function reverseSiteName(hostName: string): Result<string, Refusal> {
  const plain = hostName.toLowerCase().replace(/\.$/, '');
  const labels = plain.split('.');
  if (plain.length > 253 || !labels.every((label) => LABEL.test(label)))
    return err(refusal('bad_arguments', `"${hostName.slice(0, 80)}" is not a host name.`));
  return ok(labels.toReversed().join('_').replaceAll('-', '_'));
}

/**
 * The host name that a reverse site name stands for if no label has a hyphen; a hyphen cannot be told from a dot any
 * more. Null for what is no such name.
 */
export function hostNameFrom(reverse: string): string | null {
  if (!/^[a-z0-9]+(?:_[a-z0-9]+)*$/.test(reverse)) return null;
  return reverse.split('_').toReversed().join('.');
}
