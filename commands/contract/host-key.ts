import { z } from 'zod';
import { type HostKey, hostKeyInWords } from '../../src/estate/host-key.ts';
import { type Refusal, refusal } from '../../src/kernel/errors.ts';
import type { Command, RawArguments } from './command.ts';
import type { Field } from './field.ts';
import { typedAgain } from './typed.ts';

/** A fingerprint as `ssh-keygen -lf` prints it. */
export const fingerprint = z
  .string()
  .trim()
  .regex(
    /^SHA256:[A-Za-z0-9+/]{43}$/,
    'a fingerprint looks like SHA256: and 43 letters, as `ssh-keygen -lf` prints it',
  );

/** The option by which an admin says which key they have compared. */
export const KEY_FIELD: Field = {
  key: 'key',
  label: 'fingerprint',
  of: 'text',
  required: false,
  flag: true,
  hint: 'SHA256:… as the host itself says. Leave it out to be shown what the host presents.',
};

/**
 * Whether the key that a host presents is the one that an admin has confirmed; null when it is, so that it may be pinned.
 * Without a confirmation the refusal shows the key, how to compare it, and what to send then.
 */
export function confirmed(
  host: string,
  presented: HostKey,
  command: Pick<Command, 'name' | 'fields'>,
  args: RawArguments,
): Refusal | null {
  if (args.key === presented.fingerprint) return null;
  const type = presented.type.replace(/^ssh-/, '').replace(/-.*$/, '');
  const compare = `Compare it with what \`ssh-keygen -lf /etc/ssh/ssh_host_${type}_key.pub\` prints on the host itself.`;
  const again = `Only if it is the same, send \`${typedAgain(command, { ...args, key: presented.fingerprint })}\`.`;
  if (args.key === undefined)
    return refusal(
      'host_key_unknown',
      `${host} presents the key ${hostKeyInWords(presented)}. Nothing is pinned and nobody has logged in.`,
      `${compare} ${again}`,
    );
  return refusal(
    'host_key_changed',
    `${host} presents the key ${hostKeyInWords(presented)}, not the one you confirmed (${args.key}). Nothing is pinned.`,
    `Find out why: somebody may be in between. ${compare}`,
  );
}
