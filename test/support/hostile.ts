import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import type { Finding } from '../../src/estate/introspection/finding.ts';

const BAIT = [
  '$(touch pwned)',
  '`touch pwned`',
  ';touch pwned;',
  '|touch pwned|',
  "';touch pwned;'",
  '"$(touch pwned)"',
  '#;e touch pwned;#',
  '&touch pwned&',
  '$IFS',
  '-rf',
  '*',
  '~',
  '%s%n',
  '\\',
  '@. ok',
  '@vhost x',
  '\r',
  '\t',
  '\u202e',
  'ü',
  ' ',
];
/** Frames of the look script's own making, as a file or a name might hold them. */
export const FORGED = '\n@vhost /forged\n>ServerName forged\n@. ok\n@whole -\n@. ok\n';

/** A file name that would do harm if a shell took it for syntax. */
export const hostileName = fc
  .array(fc.oneof(fc.constantFrom(...BAIT), fc.string({ maxLength: 6 })), { minLength: 1, maxLength: 4 })
  .map((parts) =>
    parts
      .join('')
      .replaceAll(/[/\0\n]/g, '_')
      .slice(0, 60),
  );

/** Contents of settings files, right, broken and made to look like the frames of an answer. */
export const hostileFile = fc.oneof(
  fc.string({ maxLength: 200, unit: 'binary' }),
  hostileName.map((text) => `${text}${FORGED}`),
  hostileName.map(
    (text) =>
      `<VirtualHost *:80>\n  ServerName ${text}\n  DocumentRoot "/var/rails/${text}"\n  RailsEnv ${text}\n</VirtualHost>${FORGED}`,
  ),
  hostileName.map(
    (text) => `production:\n  database: ${text}\n  host: ${text}\n  url: postgres://${text}@${text}/${text}${FORGED}`,
  ),
  hostileName.map(
    (text) =>
      `services:\n  ${text}:\n    image: ${text}\n    ports: ["${text}"]\n    environment:\n      PGHOST: ${text}${FORGED}`,
  ),
  hostileName.map(
    (text) => `[instance:${text}]\ndsn = dbname='${text}' host=${text}\n[${text}:children]\n${text}${FORGED}`,
  ),
  hostileName.map(
    (text) =>
      `Id=${text}.service\nEnvironment.PGHOST=${text}\nWorkingDirectory=${text}\nActiveState=failed\nMainPID=7\n\n`,
  ),
);

/**
 * Runs every command that the findings offer, as a person would who copies it, with programs that do nothing. Answers
 * what came into being: anything is proof that a found name was taken for syntax.
 */
export async function ranByCommands(findings: readonly Finding[]): Promise<readonly string[]> {
  const dir = await mkdtemp(join(tmpdir(), 'mend-'));
  try {
    const touch = join(dir, 'touch');
    await writeFile(touch, `#!/bin/sh\n: >'${dir}/pwned'\n`);
    await chmod(touch, 0o755);
    const programs = ['sudo', 'sudoedit', 'ls', 'ln', 'grep', 'docker', 'journalctl', 'tee', 'bin/supervisord'];
    const silent = programs.filter((name) => !name.includes('/')).map((name) => `${name}() { :; }`);
    const commands = findings.flatMap(({ mend }) => (mend === null ? [] : [`( ${mend}\n)`]));
    await writeFile(join(dir, 'commands'), `${[...silent, ...commands].join('\n')}\ntrue\n`);
    const before = await readdir(dir);
    await promisify(execFile)('/bin/sh', ['commands'], { cwd: dir, env: { PATH: dir } });
    return (await readdir(dir)).filter((name) => !before.includes(name));
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}
