import { posix } from 'node:path';
import { findCommand } from '../../estate/profile-command.ts';
import { type Refusal, refusal } from '../../kernel/errors.ts';
import { err, ok, type Result } from '../../kernel/result.ts';
import type { SiteFacts } from '../facts.ts';
import { placeCommand } from '../profile/place.ts';

type Words = readonly string[];

/** Where the options of Compose itself begin, in the words of a command; null when it is none of Compose. */
function optionsOf(words: Words): number | null {
  const programs = words.map((word) => posix.basename(word));
  const older = programs.indexOf('docker-compose');
  const newer = programs.includes('docker') ? programs.indexOf('compose', programs.indexOf('docker')) : -1;
  const at = older >= 0 ? older : newer;
  return at < 0 ? null : at + 1;
}

/** Whether a command calls Compose, which prints values of a file that it cannot read. */
export const callsCompose = (words: Words): boolean => optionsOf(words) !== null;

/** Also a name that follows `-f` without a blank, and one that is handed to the program by `env`. */
const namesFiles = (words: Words) =>
  words.some((word) => /^(?:-f.*|COMPOSE_FILE=.*|--file(?:=.*)?|--project-directory(?:=.*)?)$/.test(word));

/**
 * What has Compose read files and say whether it could apply them: the profile's own `config_validate` with `-f` for each
 * of them, else the plain program. Compose loads nothing by itself once it is told of a file, so all have to be named.
 * Refusals: not_supported for a profile whose commands name files themselves, and those of placing them.
 */
export function validationOf(facts: SiteFacts, version: 'v1' | 'v2', files: Words): Result<readonly Words[], Refusal> {
  const { profile } = facts.profile;
  const plain: Words = version === 'v1' ? ['docker-compose', 'config', '-q'] : ['docker', 'compose', 'config', '-q'];
  const runs: Words[] = [];
  for (const name of ['config_validate', 'config_apply'] as const) {
    if ((profile.commands[name]?.run ?? null) === null) continue;
    const command = findCommand(facts.profile, name);
    if (!command.ok) return command;
    const placed = placeCommand(facts, command.value);
    if (!placed.ok) return placed;
    if (placed.value.runs.some((words) => callsCompose(words) && namesFiles(words)))
      return err(
        refusal(
          'not_supported',
          `\`${name}\` of the profile ${profile.name} names its files itself (\`-f\`), so the one in the folder may not be the one that holds.`,
          'Leave `-f` out there and let Compose find its files, or change them on the host and send `redeploy <site>`.',
        ),
      );
    if (name === 'config_validate') runs.push(...placed.value.runs.filter(callsCompose));
  }
  const named = files.flatMap((file) => ['-f', file]);
  return ok(
    (runs.length > 0 ? runs : [plain]).map((words) => {
      const at = optionsOf(words) ?? words.length;
      return [...words.slice(0, at), ...named, ...words.slice(at)];
    }),
  );
}
