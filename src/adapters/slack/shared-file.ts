import type { WebClient } from '@slack/web-api';
import { z } from 'zod';
import { type Refusal, refusal } from '../../kernel/errors.ts';
import { err, ok, type Result } from '../../kernel/result.ts';
import { failureOf } from './failure.ts';

/** A file object, as far as it matters here: https://docs.slack.dev/reference/objects/file-object */
const fileObject = z.object({
  name: z.string().nullish(),
  size: z.number().nullish(),
  mode: z.string().nullish(),
  is_external: z.boolean().nullish(),
  is_public: z.boolean().nullish(),
  /** What of it this app may see: `visible`, or why not. */
  file_access: z.string().nullish(),
  user: z.string().nullish(),
  user_team: z.string().nullish(),
  url_private: z.string().nullish(),
  url_private_download: z.string().nullish(),
});

/** What of a file has to be known to fetch it. */
export interface DescribedFile {
  readonly name: string;
  /** In bytes. */
  readonly size: number;
  /** Where Slack says that it lies. Nobody has checked yet whether that is Slack's. */
  readonly url: string;
}

/** For whom a file is looked at. */
export interface Reader {
  readonly person: string;
  /** The person behind an account. */
  readonly personOf: (account: string) => string;
  /** The workspace of the bot. */
  readonly team: string;
}

const UPLOAD_AGAIN = 'Upload it again.';

function no(code: 'bad_release' | 'not_allowed', why: string, next: string): Result<never, Refusal> {
  return err(refusal(code, why, next));
}

/** Judges what Slack says of a file. Pure. Refusals: bad_release, not_allowed. */
export function judgeFile(answer: unknown, reader: Reader): Result<DescribedFile, Refusal> {
  const read = fileObject.safeParse(answer);
  if (!read.success)
    return no('bad_release', 'Slack describes that file in a way that Twokey does not know.', UPLOAD_AGAIN);
  const file = read.data;
  if (file.mode === 'tombstone') return gone();
  if (file.mode === 'hidden_by_limit')
    return no(
      'bad_release',
      'Slack hides that file, because the workspace is over the limit of its plan.',
      'Upload it again; what is new is shown.',
    );
  if ((file.file_access ?? 'visible') !== 'visible' || file.mode === 'file_access')
    return no(
      'bad_release',
      'Slack does not show that file to Twokey: it comes from a channel that is shared with another workspace.',
      'Download it, and upload it here yourself.',
    );
  if (file.is_external || file.mode === 'external')
    return no(
      'bad_release',
      'That file does not lie in Slack, which only links to it.',
      'Give its own address, if that is https and public, or download it and upload the file itself.',
    );
  if (file.user_team && file.user_team !== reader.team)
    return no('bad_release', 'That file belongs to another workspace.', 'Download it, and upload it here yourself.');
  const own = file.user ? reader.personOf(file.user) === reader.person : false;
  if (!own && !file.is_public)
    return no(
      'not_allowed',
      'Somebody else uploaded that file, and it is in no public channel, so Twokey cannot tell whether you may read it.',
      'Upload it yourself, or have it shared in a public channel.',
    );
  const url = file.url_private_download ?? file.url_private;
  if (!url || !file.name || file.size === null || file.size === undefined)
    return no('bad_release', 'That is no file that could be downloaded from Slack.', 'Upload the release’s own file.');
  return ok({ name: file.name, size: file.size, url });
}

function gone(): Result<never, Refusal> {
  return no(
    'bad_release',
    'That file is not there any more, or Twokey is in none of the channels where it is.',
    'Upload it again, or add Twokey to a channel where it is.',
  );
}

/** Asks Slack about a file, so that what is judged is what holds now and not what a payload said. Refusals as judgeFile. */
export async function describeFile(
  client: WebClient,
  id: string,
  reader: Reader,
): Promise<Result<DescribedFile, Refusal>> {
  try {
    const answer = await client.files.info({ file: id });
    return judgeFile(answer.file, reader);
  } catch (error) {
    const failure = failureOf(error);
    if (failure.kind === 'limited')
      return no('bad_release', 'Slack takes no more questions right now.', `Send it again in ${failure.seconds} s.`);
    if (failure.error === 'missing_scope')
      return no(
        'bad_release',
        'Twokey may not read files in this workspace: the app lacks the scope `files:read`.',
        'An admin adds it as in manifest.yml and installs the app again.',
      );
    if (failure.error === 'file_not_found' || failure.error === 'file_deleted') return gone();
    return failure.kind === 'refused'
      ? no(
          'bad_release',
          `Slack does not tell of that file: ${failure.error}.`,
          'Send it again, or have an admin look.',
        )
      : no('bad_release', 'Slack does not answer.', 'Send it again.');
  }
}
