import { z } from 'zod';
import { name } from '../src/estate/types.ts';
import { refusal } from '../src/kernel/errors.ts';
import { err } from '../src/kernel/result.ts';
import { refuseValue } from '../src/operations/compose/edit.ts';
import { findCompose, planComposeChange } from '../src/operations/compose/plan-change.ts';
import { planPrepared } from '../src/operations/compose/prepared.ts';
import { planValue } from '../src/operations/compose/value.ts';
import { safetyBackup } from '../src/operations/safety-backup.ts';
import { command as backup } from './backup.ts';
import { operation } from './contract/command.ts';
import { composeHostField, fileName } from './contract/compose.ts';
import { reasonText, WITHOUT_BACKUP } from './contract/reason.ts';

export const command = operation({
  name: 'compose edit',
  summary:
    'Change a value of a site’s compose file, or take a file prepared on the host: back up, validate, apply in maintenance.',
  fields: [
    { key: 'site', label: 'site', of: 'site', required: true },
    {
      key: 'path',
      label: 'path',
      of: 'text',
      required: false,
      unwritten: true,
      hint: 'for example services.app.image',
    },
    {
      key: 'value',
      label: 'value',
      of: 'text',
      required: false,
      unwritten: true,
      hint: 'never a secret: prepare the whole file on the host for that',
    },
    {
      key: 'from',
      label: 'file',
      of: 'text',
      required: false,
      flag: true,
      hint: 'instead of a path: a whole file that lies beside the compose file on the host',
    },
    composeHostField,
    WITHOUT_BACKUP,
  ],
  looksAt: 'compose',
  args: z.strictObject({
    site: name,
    path: z.string().min(1).max(400).exactOptional(),
    value: z.string().max(1_000).exactOptional(),
    from: fileName.exactOptional(),
    host: name.exactOptional(),
    without_backup: reasonText.exactOptional(),
  }),
  risk: 'disruptive',
  plan: (facts, args) => {
    const { site, path, value, from } = args;
    const one = path !== undefined && value !== undefined && from === undefined;
    if (!one && (from === undefined || path !== undefined))
      return err(
        refusal(
          'bad_arguments',
          'Say either which value becomes what, or which file takes its place.',
          `\`compose edit ${site} services.app.image app:1.5\`, or \`compose edit ${site} --from <name of a file beside it>\`.`,
        ),
      );
    const secret = one ? refuseValue(path, value) : null;
    if (secret) return err(secret);
    const found = findCompose(facts);
    if (!found.ok) return found;
    const fresh = one ? planValue(found.value, path, value) : planPrepared(found.value, from ?? '');
    if (!fresh.ok) return fresh;
    const before = safetyBackup(facts, backup.plan, args.without_backup);
    if (!before.ok) return before;
    const asked = { command: 'compose edit', args, backup: before.value };
    return planComposeChange(facts, asked, found.value, fresh.value);
  },
});
