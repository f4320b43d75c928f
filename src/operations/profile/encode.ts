import type { ExpandedCommand } from '../../estate/profile-command.ts';

/** Parameters of a planned step, as they are hashed and handed to the host. */
export type Params = Readonly<Record<string, string>>;

/** How an answer of a command is read; see a profile's `yes_when` and `shown_by`. */
export interface Sign {
  readonly exit?: number | undefined;
  readonly prints?: string | undefined;
}

/**
 * An expanded command as parameters: `do_1_2` is the second word of the first command of the group `do`. One word, one
 * parameter, so that a plan that drifts says which word did, and nothing has to be taken apart on the host
 * (steps/argv.ts puts it together there).
 */
export function commandParams(group: string, { runs, folder }: Pick<ExpandedCommand, 'runs' | 'folder'>): Params {
  const words = runs.flatMap((argv, run) => [
    [`${group}_${run + 1}_words`, String(argv.length)],
    ...argv.map((word, at) => [`${group}_${run + 1}_${at + 1}`, word]),
  ]);
  return { [`${group}_runs`]: String(runs.length), [`${group}_folder`]: folder, ...Object.fromEntries(words) };
}

/** A sign as parameters; what it does not ask for is empty. */
export function signParams(group: string, { exit, prints }: Sign): Params {
  return { [`${group}_exit`]: exit === undefined ? '' : String(exit), [`${group}_prints`]: prints ?? '' };
}

/** An expanded command for people who approve it. It is only shown: what runs is never put together from a text. */
export function commandInWords({ runs }: Pick<ExpandedCommand, 'runs'>): string {
  return runs.map((argv) => argv.map(wordInWords).join(' ')).join(', then ');
}

function wordInWords(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
