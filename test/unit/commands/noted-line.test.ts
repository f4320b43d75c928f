import { expect, it } from 'vitest';
import { notedArguments } from '../../../commands/contract/noted-line.ts';
import { loadCommands } from '../../../commands/index.ts';

const commands = await loadCommands();

it('P8 a question about a command is noted without what may be a secret in that command', () => {
  const asked = { command: 'settings set acme smtp.password hunter2' };
  expect(notedArguments(asked, commands)).toEqual({ command: 'settings set acme smtp.password …' });
  expect(notedArguments({ site: 'acme', all: 'yes' }, commands)).toEqual({ site: 'acme', all: 'yes' });
});
