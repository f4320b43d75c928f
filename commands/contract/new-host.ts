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
  option('key_file', 'private key', { required: true, hint: 'path of the key file on the machine of Twokey' }),
  option('port', 'port', { hint: 'SSH port; default 22' }),
  option('roles', 'roles', { hint: `some of ${HOST_ROLES.join(', ')}; default app, db` }),
  option('base', 'folder', { hint: 'for job directories and locks; default /var/tmp/twokey/jobs' }),
  option('sudo', 'user after sudo', { hint: 'run everything as this user, with sudo -n' }),
  option('jump', 'bastion', { of: 'host', hint: 'a host of the estate to go through' }),
  KEY_FIELD,
];

const text = z.string().trim().min(1).max(400);
/** The arguments of those fields; what they have to look like, the document's own schema says. */
export const hostArguments = {
  host: name,
  address: text,
  user: text,
  key_file: text,
  port: text.exactOptional(),
  roles: text.exactOptional(),
  base: text.exactOptional(),
  sudo: text.exactOptional(),
  jump: text.exactOptional(),
  key: fingerprint.exactOptional(),
};

/** The document of a host that is described by these arguments, with no key pinned yet. */
export function hostFrom(args: Readonly<Record<string, string>>): Result<HostDocument, Refusal> {
  const { host = '', address, user, key_file, port, roles, base, sudo, jump } = args;
  const given = Object.entries({ address, user, key_file, port, roles, base, sudo, jump });
  const set = Object.fromEntries(given.filter((one): one is [string, string] => one[1] !== undefined));
  return changeFields(hostDocument, { name: host }, { set, unset: [] });
}
