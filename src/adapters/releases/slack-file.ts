import { type IncomingMessage, get as plainGet } from 'node:http';
import { get } from 'node:https';
import { messageOf, type Refusal } from '../../kernel/errors.ts';
import { ok, type Result } from '../../kernel/result.ts';
import type { Secret } from '../../kernel/secret.ts';
import { bounded, notFetched, SILENCE_MS } from './stream.ts';

export interface SlackFileRules {
  /** Where Slack's Web API is spoken to. */
  readonly apiUrl: string;
  /** The bot's token, which opens files. */
  readonly token: Secret;
  /** In bytes. */
  readonly most: number;
  /** From the request to the last byte. */
  readonly withinMs: number;
}

const AGAIN = 'Send it again.';
const SCOPE =
  'The app lacks the scope `files:read`: an admin adds it as in manifest.yml and installs the app again. `npm run twokey -- doctor` shows what is missing.';

/**
 * Whether the token may be shown to that address: to Slack's own host for files, over https, and to the very origin of a
 * stand-in that takes the place of Slack. Nobody else is ever sent it, whatever a file object says.
 */
export function takesToken(address: string, apiUrl: string): boolean {
  if (!URL.canParse(address) || !URL.canParse(apiUrl)) return false;
  const [url, api] = [new URL(address), new URL(apiUrl)];
  if (url.username !== '' || url.password !== '') return false;
  const slack = /(?:^|\.)(slack|slack-gov)\.com$/.exec(api.hostname)?.[1];
  return url.origin === (slack === undefined ? api.origin : `https://files.${slack}.com`);
}

/** Opens a file in Slack. Redirects are not followed: what Slack gives lies where it says. Refusals and throws as ReleaseDownload. */
export async function openSlackFile(
  address: string,
  rules: SlackFileRules,
): Promise<Result<AsyncIterable<Uint8Array>, Refusal>> {
  if (!takesToken(address, rules.apiUrl))
    return notFetched('Slack names an address for it that is not Slack’s', 'Give the address itself, if it is public.');
  const answer = await ask(new URL(address), rules);
  if (!answer.ok) return answer;
  const { statusCode = 0, headers } = answer.value;
  // Without the scope Slack answers with the page on which people sign in, and calls that a success.
  const signIn = [301, 302, 303, 307, 308].includes(statusCode) || /^text\/html/i.test(headers['content-type'] ?? '');
  if (statusCode === 200 && !signIn) return bounded(answer.value, rules.most, AGAIN);
  answer.value.destroy();
  if (signIn) return notFetched('Slack asks Twokey to sign in instead of giving the file', SCOPE);
  if (statusCode === 404 || statusCode === 410) return notFetched('it is not there any more', 'Upload it again.');
  return notFetched(`Slack answered with ${statusCode}`, AGAIN);
}

function ask(url: URL, { token, withinMs }: SlackFileRules): Promise<Result<IncomingMessage, Refusal>> {
  const signal = AbortSignal.timeout(withinMs);
  const headers = { accept: '*/*', authorization: `Bearer ${token.reveal()}` };
  return new Promise((resolve) => {
    const start = url.protocol === 'https:' ? get : plainGet;
    const request = start(url, { agent: false, signal, headers }, (answer) => resolve(ok(answer)));
    request.setTimeout(SILENCE_MS, () => request.destroy(new Error('Slack does not answer')));
    request.on('error', (error) => resolve(notFetched(signal.aborted ? 'it takes too long' : messageOf(error), AGAIN)));
  });
}
