import { z } from 'zod';
import { describeFields } from '../src/estate/diff.ts';
import { findHost } from '../src/estate/estate.ts';
import { sitesTouchedBy } from '../src/estate/target.ts';
import { findThing, hashThing } from '../src/estate/thing.ts';
import { hostDocument, name } from '../src/estate/types.ts';
import { refusal } from '../src/kernel/errors.ts';
import { err } from '../src/kernel/result.ts';
import { planEdit } from '../src/operations/estate/plan-edit.ts';
import { estateOperation } from './contract/command.ts';
import { changesField, changesText, edited } from './contract/edit.ts';

const FIXED = {
  name: 'A host keeps its name: add it under the new one and remove the old.',
  host_keys: 'Use `host rekey`, which shows both keys.',
  host_ca: 'Whom Twokey trusts is decided by an admin: remove the host and add it with `host add … --host-ca`.',
};

export const command = estateOperation({
  name: 'host edit',
  summary: 'Change fields of a host: address, port, user, roles, bastion and the like.',
  fields: [{ key: 'host', label: 'host', of: 'host', required: true }, changesField('port 2222 roles "app, db"')],
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
