import { CodedError, coded, type Refusal, refusal, refusalOf } from '../../kernel/errors.ts';
import { err, ok, type Result } from '../../kernel/result.ts';
import type { FrameParser } from '../../shell/frames.ts';
import type { HostTarget, ShellStream } from '../../shell/transport.ts';

/** Turns the coded errors of one attempt into refusals; everything else is a mistake of ours and goes on up. */
export async function answered<T>(work: () => Promise<T>): Promise<Result<T, Refusal>> {
  try {
    return ok(await work());
  } catch (error) {
    if (error instanceof CodedError) return err(refusalOf(error));
    throw error;
  }
}

export function lost(target: HostTarget, why: string): CodedError {
  return new CodedError('link_lost', `${target.name}: ${why}`);
}

/** Why a shell ended without the end of its answer. `greeted`: our own text had begun to answer. */
export async function brokenOff(
  target: HostTarget,
  stream: Pick<ShellStream, 'closed' | 'diagnostics'>,
  parser: FrameParser,
  greeted: boolean,
): Promise<CodedError> {
  const { code } = await stream.closed;
  if (code === null) return lost(target, 'the link was lost');
  if (greeted) return lost(target, `the answer broke off (exit ${code})`);
  if (target.sudo !== undefined && isSudo(stream.diagnostics())) {
    return coded(sudoRefused(target, target.sudo, stream.diagnostics()));
  }
  const said = [parser.noise(), stream.diagnostics()].filter((text) => text !== '').join(' / ');
  const message = `${target.name} does not run our shell script (exit ${code})${said === '' ? '' : `: ${said}`}`;
  return new CodedError('protocol_error', message);
}

/** sudo's own words, or those of a shell that does not find it. */
function isSudo(said: string): boolean {
  return /^sudo: |\bsudo: (?:[Cc]ommand )?not found/.test(said);
}

/** The least right that will do: this one command, for this one account, as this one user. */
function sudoRefused(target: HostTarget, user: string, said: string): Refusal {
  const line = `${target.user} ALL=(${user}) NOPASSWD: /bin/sh -s`;
  const next = said.includes('not found')
    ? 'Install sudo there, or take `sudo` out of the host’s entry in the estate.'
    : `Let it: put the line \`${line}\` into a file of /etc/sudoers.d there, with \`visudo -f\`.`;
  const message = `on ${target.name}, sudo does not let ${target.user} run \`/bin/sh -s\` as ${user}: ${said}`;
  return refusal('host_auth_failed', message, next);
}

/** What the one-word refusals of our text on the host mean to people. */
export function refused(target: HostTarget, code: string, detail: string): Refusal {
  const { name } = target;
  const missing = /^no(flock|setsid|mkfifo)$/.exec(code)?.[1];
  if (missing !== undefined) {
    return refusal(
      'precheck_failed',
      `${name} has no ${missing}`,
      `Install ${missing} there (Debian: util-linux, coreutils).`,
    );
  }
  switch (code) {
    case 'nodir':
      return refusal('precheck_failed', `${target.sudo ?? 'the account'} on ${name} cannot write to ${detail}`);
    case 'write':
      return refusal('precheck_failed', `${name} cannot store the job in ${detail}; its disk may be full`);
    case 'noprintf':
      return refusal('precheck_failed', `the shell of ${name} has no printf of its own, secrets would show in ps`);
    case 'stays':
      return refusal('precheck_failed', `${target.sudo ?? 'the account'} on ${name} cannot empty ${detail}`);
    case 'live':
      return refusal('operation_ended', `the job on ${name} is still alive: ${detail}`, 'Cancel it first.');
    default:
      return refusal('protocol_error', `${name} refused: ${code} ${detail}`);
  }
}

/** The folder of an ended job is still there though it was to be removed. */
export function notRemoved(target: HostTarget, jid: string): Refusal {
  const who = target.sudo ?? 'the account';
  return refusal('precheck_failed', `${who} on ${target.name} cannot remove ${target.base}/${jid}`);
}
