import { expect, it } from 'vitest';
import { notedArguments } from '../../../commands/contract/noted-line.ts';
import { loadCommands } from '../../../commands/index.ts';

const commands = await loadCommands();

it('P8 a question about a command is noted without what may be a secret in that command', () => {
  const asked = { command: 'settings set acme smtp.password hunter2' };
  expect(notedArguments(asked, commands)).toEqual({ command: 'settings set acme smtp.password …' });
  for (const typed of ['services.app.environment.DB=hunter2', 'services.app.environment.DB hunter2'])
    expect(notedArguments({ command: `compose edit acme ${typed}` }, commands)).toEqual({
      command: 'compose edit acme …',
    });
  expect(notedArguments({ site: 'acme', all: 'yes' }, commands)).toEqual({ site: 'acme', all: 'yes' });
});
