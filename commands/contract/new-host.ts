import { z } from 'zod';
import { changeFields } from '../../src/estate/fields.ts';
import { HOST_ROLES, type HostDocument, hostDocument, name } from '../../src/estate/types.ts';
import type { Refusal } from '../../src/kernel/errors.ts';
import type { Result } from '../../src/kernel/result.ts';
import type { Field } from './command.ts';
import { fingerprint, KEY_FIELD } from './host-key.ts';

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
  option('user', 'account', { required: true, hint: 'the account that Twokey logs in to', initial: 'twokey' }),
  option('key_file', 'private key', {
    hint: 'path of the key file on the machine of Twokey; leave it out for an agent',
  }),
  option('agent', 'ssh-agent', { hint: 'instead of a key file: yes, or the path of its socket' }),
  option('key_passphrase_secret', 'name of the passphrase’s file', {
    hint: 'in the folder `secrets`; opens the key file',
  }),
  option('port', 'port', { hint: 'SSH port; default 22' }),
  option('roles', 'roles', { hint: `some of ${HOST_ROLES.join(', ')}; default app, db` }),
  option('base', 'folder', { hint: 'for job directories and locks; default /var/tmp/twokey/jobs' }),
  option('sudo', 'user after sudo', { hint: 'run everything as this user, with sudo -n' }),
  option('transport', 'who speaks SSH', { hint: 'ssh2 or openssh; default ssh2. Certificates need openssh' }),
  option('certificate_file', 'our certificate', { hint: 'path on the machine of Twokey; needs openssh' }),
  option('host_ca', 'authorities', { hint: 'public keys that may vouch for the host’s key; needs openssh' }),
  option('jump', 'bastion', { of: 'host', hint: 'a host of the estate to go through' }),
  KEY_FIELD,
];

const text = z.string().trim().min(1).max(400);
/** The arguments of those fields; what they have to look like, the document's own schema says. */
export const hostArguments = {
  host: name,
  address: text,
  user: text,
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
  jump: text.exactOptional(),
  key: fingerprint.exactOptional(),
};

/** The document of a host that is described by these arguments, with no key pinned yet. */
export function hostFrom(args: Readonly<Record<string, string>>): Result<HostDocument, Refusal> {
  const { host = '', cluster: _cluster, data_region: _region, key: _key, ...set } = args;
  return changeFields(hostDocument, { name: host }, { set, unset: [] });
}
