import { z } from 'zod';
import { findHost } from '../src/estate/estate.ts';
import { hostKeyInWords, readKeyLine } from '../src/estate/host-key.ts';
import { findThing, hashThing } from '../src/estate/thing.ts';
import { name } from '../src/estate/types.ts';
import { refusal } from '../src/kernel/errors.ts';
import { err } from '../src/kernel/result.ts';
import { planEdit } from '../src/operations/estate/plan-edit.ts';
import { noShell } from '../src/operations/no-shell.ts';
import { estateOperation } from './contract/command.ts';
import type { Field } from './contract/field.ts';
import { confirmed, fingerprint, KEY_FIELD } from './contract/host-key.ts';

const NAME = 'host rekey';
const fields: readonly Field[] = [{ key: 'host', label: 'host', of: 'host', required: true }, KEY_FIELD];

export const command = estateOperation({
  name: NAME,
  summary: 'Pin the new key of a host whose key has changed: both are shown, and the new one has to be confirmed.',
  fields,
  // Pinning a key is a decision about trust, which no grant gives away.
  roles: ['admin'],
  area: 'oversight',
  risk: 'routine',
  args: z.strictObject({ host: name, key: fingerprint.exactOptional() }),
  keyOf: (args, { estate }) => findHost(estate, args.host ?? ''),
  plan: (facts, args) => {
    const host = findHost(facts.estate, args.host);
    if (host.ok && host.value.shell === 'none') return err(noShell(host.value));
    const thing = findThing(facts.document, 'host', args.host);
    const { presented } = facts;
    if (thing?.kind !== 'host' || presented === null)
      return err(refusal('unknown_host', `There is no host "${args.host}".`));
    const pinned = thing.document.host_keys.map(readKeyLine);
    if (pinned.some((key) => key.line === presented.line))
      return err(
        refusal(
          'bad_arguments',
          `${args.host} presents a key that is pinned already: ${hostKeyInWords(presented)}.`,
          'Nothing to do.',
        ),
      );
    const old = pinned.map(hostKeyInWords).join(', ') || 'none';
    const objection = confirmed(args.host, presented, { name: NAME, fields }, args);
    if (objection) return err({ ...objection, message: `${objection.message} Pinned now: ${old}.` });
    return planEdit(facts, {
      command: NAME,
      args,
      edit: {
        act: 'put',
        before: hashThing(thing),
        thing: { ...thing, document: { ...thing.document, host_keys: [presented.line] } },
      },
      effects: [
        `Trusts another key for ${args.host} from then on.`,
        `Old: ${old}.`,
        `New: ${hostKeyInWords(presented)}.`,
        'A host that was not reinstalled and whose keys nobody renewed has no reason to change its key.',
      ],
      next: `Check the way there with \`host test ${args.host}\`.`,
    });
  },
});
