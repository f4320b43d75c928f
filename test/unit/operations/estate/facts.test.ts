import { expect, it } from 'vitest';
import { loadCommands } from '../../../../commands/index.ts';
import { refusal } from '../../../../src/kernel/errors.ts';
import { err } from '../../../../src/kernel/result.ts';
import { gatherEstateFacts } from '../../../../src/operations/estate/facts.ts';
import { questionContext } from '../../../support/question-context.ts';

const NO_SECRETS = { read: () => Promise.resolve(err(refusal('secret_missing', 'there is none'))) };
const commands = await loadCommands();

it('a host is asked for its key before it is added, one without a shell is not', async () => {
  const command = commands.find((one) => one.name === 'cluster add');
  if (command?.kind !== 'operation' || command.on !== 'estate') throw new Error('no cluster add');
  const host = { cluster: 'beta', host: 'box', address: 'box.example.com' };
  const gather = (args: Readonly<Record<string, string>>) =>
    gatherEstateFacts({ ...questionContext(), secrets: NO_SECRETS }, command, args, null);
  // Nothing answers in these tests.
  expect(await gather({ ...host, user: 'twokey', key_file: '/key' })).toMatchObject({
    ok: false,
    error: { code: 'host_unreachable' },
  });
  expect(await gather({ ...host, shell: 'none' })).toMatchObject({ ok: true, value: { presented: null } });
});
