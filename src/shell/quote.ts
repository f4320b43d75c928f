import { CodedError } from '../kernel/errors.ts';

/**
 * One word of POSIX shell that stands for exactly `text`, whatever it holds. It goes to the stdin of `/bin/sh -s`, never
 * into an exec string, because the login shell there may be one with other rules.
 * Throws CodedError `bad_arguments` for what a shell or UTF-8 cannot carry: NUL and half surrogate pairs. The message
 * never repeats the text, which may be a secret.
 */
export function quote(text: string): string {
  if (text.includes('\0')) throw new CodedError('bad_arguments', 'a value for a host must not hold a NUL character');
  if (!text.isWellFormed()) throw new CodedError('bad_arguments', 'a value for a host must be valid Unicode text');
  return `'${text.replaceAll("'", "'\\''")}'`;
}
