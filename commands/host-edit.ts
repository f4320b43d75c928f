import { z } from 'zod';
import { describeFields } from '../src/estate/diff.ts';
import { findHost } from '../src/estate/estate.ts';
import { sitesTouchedBy } from '../src/estate/target.ts';
import { findThing, hashThing } from '../src/estate/thing.ts';
import { type Estate, hostDocument, name } from '../src/estate/types.ts';
import { refusal } from '../src/kernel/errors.ts';
import { err } from '../src/kernel/result.ts';
import { planEdit } from '../src/operations/estate/plan-edit.ts';
import { estateOperation } from './contract/command.ts';
import { changesField, changesText, edited } from './contract/edit.ts';
import { editForm } from './contract/edit-form.ts';
import type { Field } from './contract/field.ts';

const FIXED = {
  name: 'A host keeps its name: add it under the new one and remove the old.',
  host_keys: 'Use `host rekey`, which shows both keys.',
  host_ca: 'Whom Twokey trusts is decided by an admin: remove the host and add it with `host add … --host-ca`.',
};

const input = (key: string, label: string, more: Partial<Field> = {}): Field => ({
  key,
  label,
  of: 'text',
  required: false,
  ...more,
});

/** Hosts that may be passed on the way: their keys are known, and they do not lie behind this one. */
function bastions(host: string, { hosts }: Estate): readonly string[] {
  const behind = (one: string | undefined): boolean =>
    one !== undefined && (one === host || behind(hosts.get(one)?.jump));
  return [...hosts.values()]
    .filter((one) => one.shell !== 'none' && one.host_keys.length + one.host_ca.length > 0 && !behind(one.name))
    .map((one) => one.name);
}

/** How a host is reached and how much it may be asked to do at once, a field each. */
const connection = editForm({
  schema: hostDocument,
  fixed: FIXED,
  find: ({ host = '' }, estate) => {
    const found = estate.hosts.get(host);
    if (!found) return null;
    const { cluster: _cluster, ...document } = found;
    return document;
  },
  fields: ({ host = '' }, estate) => [
    input('address', 'address', { required: true, hint: 'host name or IP address' }),
    input('port', 'port', { required: true }),
    input('user', 'account', { hint: 'that Twokey logs in to' }),
    input('key_file', 'private key', { hint: 'path of the key file on the machine of Twokey; or an agent' }),
    input('agent', 'ssh-agent', { hint: 'instead of a key file: yes, or the path of its socket' }),
    input('transport', 'who speaks SSH', { required: true, options: ['ssh2', 'openssh'] }),
    input('jump', 'bastion', { of: 'host', options: bastions(host, estate) }),
    input('sudo', 'user after sudo', { hint: 'run everything as this user, with sudo -n' }),
    input('disruptive_at_once', 'disruptive at once', {
      required: true,
      hint: 'how many disruptive operations may run on it at the same time',
    }),
  ],
  among: (key, value, { host = '' }, estate) =>
    key !== 'jump' || bastions(host, estate).includes(value)
      ? null
      : `${value} cannot be a bastion of ${host}: it has to be a host of the estate with a shell and a pinned key, and not lie behind it.`,
});

export const command = estateOperation({
  name: 'host edit',
  summary: 'Change fields of a host: address, port, user, roles, bastion and the like.',
  fields: [{ key: 'host', label: 'host', of: 'host', required: true }, changesField('port 2222 roles "app, db"')],
  form: connection,
  risk: 'routine',
  args: z.strictObject({ host: name, changes: changesText }),
  plan: (facts, args) => {
    const host = findHost(facts.estate, args.host);
    if (!host.ok) return host;
    const thing = findThing(facts.document, 'host', args.host);
    if (thing?.kind !== 'host') return err(refusal('unknown_host', `There is no host "${args.host}".`));
    const document = edited(hostDocument, thing.document, args.changes, FIXED);
    if (!document.ok) return document;
    const sites = sitesTouchedBy(facts.estate, host.value).map((site) => `${site.name} (${site.environment})`);
    return planEdit(facts, {
      command: 'host edit',
      args,
      edit: { act: 'put', before: hashThing(thing), thing: { ...thing, document: document.value } },
      effects: [
        ...describeFields(thing.document, document.value),
        sites.length === 0 ? 'No site depends on this host.' : `Sites that depend on this host: ${sites.join(', ')}.`,
        'Only the estate is changed; nothing is run on the host.',
      ],
      next: `Check the way there with \`host test ${args.host}\`.`,
    });
  },
});
