import { z } from 'zod';
import { HOST_ROLES } from '../../src/config/permission-words.ts';
import { changeFields } from '../../src/estate/fields.ts';
import { type HostKey, hostKeyInWords } from '../../src/estate/host-key.ts';
import { type HostDocument, hostDocument, name } from '../../src/estate/types.ts';
import { type Refusal, refusal } from '../../src/kernel/errors.ts';
import { err, ok, type Result } from '../../src/kernel/result.ts';
import type { Command, RawArguments } from './command.ts';
import type { Field } from './field.ts';
import { confirmed, fingerprint, KEY_FIELD } from './host-key.ts';

const option = (key: string, label: string, more: Partial<Field> = {}): Field => ({
  key,
  label,
  of: 'text',
  required: false,
  flag: true,
  ...more,
});

/** What a new host needs, beside its name. */
export const HOST_FIELDS: readonly Field[] = [
  { key: 'address', label: 'address', of: 'text', required: true, hint: 'host name or IP address' },
  option('user', 'account', { hint: 'that Twokey logs in to; needed unless the host has no shell', initial: 'twokey' }),
  option('key_file', 'private key', {
    hint: 'path of the key file on the machine of Twokey; leave it out for an agent',
  }),
  option('agent', 'ssh-agent', { hint: 'instead of a key file: yes, or the path of its socket' }),
  option('key_passphrase_secret', 'name of the passphrase’s file', {
    hint: 'in the folder `secrets`; opens the key file',
  }),
  option('shell', 'shell', { hint: 'none for a black box, on which nothing is ever run; default ssh' }),
  option('port', 'port', { hint: 'SSH port; default 22' }),
  option('roles', 'roles', { hint: `some of ${HOST_ROLES.join(', ')}; default app, db` }),
  option('base', 'folder', { hint: 'for job directories and locks; default /var/tmp/twokey/jobs' }),
  option('sudo', 'user after sudo', { hint: 'run everything as this user, with sudo -n' }),
  option('transport', 'who speaks SSH', { hint: 'ssh2 or openssh; default ssh2. Certificates need openssh' }),
  option('certificate_file', 'our certificate', { hint: 'path on the machine of Twokey; needs openssh' }),
  option('host_ca', 'authorities', { hint: 'public keys that may vouch for the host’s key; needs openssh' }),
  option('disruptive_at_once', 'disruptive at once', {
    hint: 'how many disruptive operations may run on it at the same time; default 1',
  }),
  option('jump', 'bastion', { of: 'host', hint: 'a host of the estate to go through' }),
  KEY_FIELD,
];

const text = z.string().trim().min(1).max(400);
/** The arguments of those fields; what they have to look like, the document's own schema says. */
export const hostArguments = {
  host: name,
  address: text,
  user: text.exactOptional(),
  shell: text.exactOptional(),
  key_file: text.exactOptional(),
  agent: text.exactOptional(),
  key_passphrase_secret: text.exactOptional(),
  transport: text.exactOptional(),
  certificate_file: text.exactOptional(),
  host_ca: z.string().trim().min(1).max(4_000).exactOptional(),
  port: text.exactOptional(),
  roles: text.exactOptional(),
  base: text.exactOptional(),
  sudo: text.exactOptional(),
  disruptive_at_once: text.exactOptional(),
  jump: text.exactOptional(),
  key: fingerprint.exactOptional(),
};

/** What a plan says of a new host: where it is, what for, and which key is pinned. */
export function newHostInWords({ name: host, user, address, port, roles, shell }: HostDocument): string {
  const way = shell === 'none' ? `${address}, no shell` : `${user}@${address}:${port}`;
  return `${host} (${way}, ${roles.join(', ')})`;
}

/**
 * The host with the key that it presents pinned, once an admin has confirmed it; a host without a shell presents none and
 * needs none. Refusals: host_key_unknown and host_key_changed, which say what to send.
 */
export function withPinnedKey(
  document: HostDocument,
  presented: HostKey | null,
  command: Pick<Command, 'name' | 'fields'>,
  args: RawArguments,
): Result<{ readonly document: HostDocument; readonly pinned: string }, Refusal> {
  if (document.shell === 'none') return ok({ document, pinned: 'Twokey never connects to it, so no key is pinned.' });
  if (presented === null) return err(refusal('internal', 'the host was not asked for its key'));
  const objection = confirmed(document.name, presented, command, args);
  if (objection) return err(objection);
  const pinned = `Pins the key ${hostKeyInWords(presented)} for ${document.name}.`;
  return ok({ document: { ...document, host_keys: [presented.line] }, pinned });
}

/** The document of a host that is described by these arguments, with no key pinned yet. */
export function hostFrom(args: Readonly<Record<string, string>>): Result<HostDocument, Refusal> {
  const { host = '', cluster: _cluster, data_region: _region, key: _key, ...set } = args;
  return changeFields(hostDocument, { name: host }, { set, unset: [] });
}
