import { expect, it } from 'vitest';
import { loadCommands } from '../../../commands/index.ts';
import { askStanding, type StandingContext } from '../../../src/operations/standing.ts';
import { questionContext } from '../../support/question-context.ts';

const commands = await loadCommands();
const never = () => Promise.reject(new Error('nothing is looked up for what is refused'));
const { config } = questionContext();
const context: StandingContext = {
  config,
  store: { ask: never, find: never, list: never, change: never, activeFor: never },
  estate: never,
  now: never,
  commandOf: () => null,
  approvers: never,
  resolvePeople: never,
};

it.each(['host edit', 'site add', 'cluster restore', 'undo'])('P10 a standing approval is not for %s', async (name) => {
  const command = commands.find((one) => one.name === name);
  if (command?.kind !== 'operation') throw new Error(`${name} is no operation`);
  const asked = await askStanding(context, { command, args: {}, cron: '30 2 * * *', requester: 'U0REQ' });
  expect(asked).toMatchObject({ ok: false, error: { code: 'not_supported' } });
  if (!asked.ok) expect(asked.error.message).toContain(`\`${name}\` changes the estate`);
});
