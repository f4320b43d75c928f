import { type Refusal, refusal } from '../../kernel/errors.ts';
import { err, ok, type Result } from '../../kernel/result.ts';

/** Where somebody says that a release comes from. */
export type ReleaseSource =
  | { readonly kind: 'slack'; readonly file: string }
  | { readonly kind: 'url'; readonly url: string }
  | { readonly kind: 'folder'; readonly fileName: string }
  | { readonly kind: 'host'; readonly host: string; readonly path: string };

/** A file of Slack's by its id, and by the address of its page or of its content, which no browser session opens for us. */
const SLACK_FILES = [
  /^slack:(F[A-Z0-9]{2,30})$/,
  /^https:\/\/[a-z0-9.-]+\.slack(?:-gov)?\.com\/files\/[UW][A-Z0-9]+\/(F[A-Z0-9]{2,30})(?:[/?#]|$)/,
  /^https:\/\/files\.slack(?:-gov)?\.com\/files-pri\/[A-Z0-9]+-(F[A-Z0-9]{2,30})(?:[/?#]|$)/,
];

/** How a file that was uploaded in a form is named as a source. */
export function slackSource(file: string): string {
  return `slack:${file}`;
}

/** Reads a source as it is typed. Refusal: bad_arguments, naming what there is. */
export function readSource(text: string): Result<ReleaseSource, Refusal> {
  for (const pattern of SLACK_FILES) {
    const file = pattern.exec(text)?.[1];
    if (file !== undefined) return ok({ kind: 'slack', file });
  }
  if (/^[a-z][a-z0-9+]*:\/\//i.test(text)) return ok({ kind: 'url', url: text });
  const [, fileName] = /^folder:(.*)$/.exec(text) ?? [];
  if (fileName !== undefined) return ok({ kind: 'folder', fileName });
  const [, host, path] = /^([^:/]+):(\/.*)$/.exec(text) ?? [];
  if (host !== undefined && path !== undefined) return ok({ kind: 'host', host, path });
  return err(
    refusal(
      'bad_arguments',
      'A release comes from an address, from a host, or from a file in Slack.',
      'Give `https://…` or `<host>:/path/of/the/file.tar.gz`, or nothing and upload it in the form; or put the file into the folder `releases` of the data directory and use `release scan`.',
    ),
  );
}
