import { expect, it } from 'vitest';
import { command as edit } from '../../../../commands/compose-edit.ts';
import { command as revert } from '../../../../commands/compose-revert.ts';
import type { Plan } from '../../../../src/operations/plan.ts';
import { estate, hostInput } from '../../../support/builders.ts';
import { BACKUP, composeFolder } from '../../../support/compose-folder.ts';
import { step as stepOf } from '../../../support/redeploy-plans.ts';

const FILE = 'version: "2.4"\nservices: { app: { image: shop:1.4 } }\n';
const IMAGE = { site: 'acme', path: 'services.app.image', value: 'shop:1.5' };

it('R22 P10 the folder is looked at on the site’s own host, or on the one that is named of those that have a file', async () => {
  const own = {
    'many.yml': `name: many
extends: compose-v1
commands: { config_apply: { run: [[docker-compose, up, -d]], on: web-head } }
maintenance: { none: It has none. }
`,
  };
  const hosts = [
    hostInput('db1', { roles: ['app', 'db'] }),
    hostInput('a2', { roles: ['app'] }),
    hostInput('m1', { roles: ['mail'] }),
  ];
  using its = composeFolder(
    { 'docker-compose.yml': FILE },
    { own, profile: 'many', estate: (site) => estate(hosts, [site]) },
  );
  const where = (plan: Plan) => plan.steps.map((one) => `${one.step} ${one.host}`.trim());
  expect(where(await its.plan(edit, IMAGE))).toContain('compose.swap db1');
  const plan = await its.plan(edit, { ...IMAGE, host: 'a2' });
  expect(where(plan)).toEqual(['compose.stage a2', 'compose.validate a2', 'compose.swap a2', 'config.apply a2']);
  expect(plan.effects.join(' ')).toContain(
    'Only on a2: db1 have files of their own, which stay as they are, and so do the settings.',
  );
  expect(stepOf(plan, 'config.apply').aftermath).toContain('`compose revert acme --host a2`');
  expect(stepOf(plan, 'compose.swap').aftermath).toMatch(/^`compose history acme --host a2` shows whether/);
  expect(await its.refused(revert, { site: 'acme', backup: 'no.bak', host: 'a2' })).toContain(
    'There is no dated backup',
  );
  its.write(BACKUP, FILE);
  expect(await its.refused(revert, { site: 'acme', host: 'a2' })).toContain('See `compose history acme --host a2`');
  expect(await its.refused(edit, { ...IMAGE, host: 'm1' })).toContain('is not applied on m1, but on db1, a2');
  using plain = composeFolder({}, { profile: 'systemd', stored: { unit: 'acme.service' } });
  expect(await plain.refused(edit, IMAGE)).toContain(
    'acme is no compose project: its profile systemd has no `compose`',
  );
});
