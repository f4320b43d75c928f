import { describe, expect, it } from 'vitest';
import { targetOf } from '../../../commands/contract/target.ts';
import { loadCommands } from '../../../commands/index.ts';
import { PRESET_NAMES, type PresetName } from '../../../src/config/presets.ts';
import { authorise } from '../../../src/operations/authorise.ts';
import { estate, hostInput, operation, siteInput } from '../../support/builders.ts';

const commands = await loadCommands();
const its = estate([hostInput('db1')], [siteInput('acme', 'db1')]);
const target = (name: string, args: Record<string, string>) => {
  const command = commands.find((one) => one.name === name);
  if (!command) throw new Error(`no command ${name}`);
  const operationOf = (id: string) => {
    if (id === '\0') throw new Error('the database takes no such id');
    return Promise.resolve(id === '7k3m9q2x' ? operation({ site: 'gone' }) : null);
  };
  return targetOf(command, args, its, operationOf);
};

describe('what a command is asked about', () => {
  it.each<[string, Record<string, string>, object]>([
    ['backup', { site: ' Acme ' }, { kind: 'site', site: { name: 'acme' }, hosts: null }],
    ['backup', { site: 'acmee' }, { kind: 'somewhere' }],
    ['backup', {}, { kind: 'somewhere' }],
    ['history', { site: 'acme' }, { kind: 'site' }],
    ['history', {}, { kind: 'somewhere' }],
    [
      'show',
      { operation: '7K3M9Q2X' },
      { kind: 'site', site: { name: 'gone', cluster: '', environment: 'production' } },
    ],
    ['show', { operation: '00000000' }, { kind: 'somewhere' }],
    ['show', {}, { kind: 'somewhere' }],
    ['show', { operation: '\0' }, { kind: 'somewhere' }],
    ['whoami', {}, { kind: 'somewhere' }],
    ['audit', {}, { kind: 'everywhere' }],
    ['freeze', { scope: 'acme' }, { kind: 'everywhere' }],
    ['cluster show', { cluster: 'main' }, { kind: 'cluster', name: 'main' }],
    ['cluster connect', { cluster: 'mian' }, { kind: 'somewhere' }],
    ['host edit', { host: 'db1', changes: 'port 1' }, { kind: 'host', host: { name: 'db1' } }],
    ['host list', {}, { kind: 'somewhere' }],
    // What is added is judged by its plan.
    ['site add', { site: 'new', host: 'db1' }, { kind: 'somewhere' }],
    ['host add', { cluster: 'main', host: 'new' }, { kind: 'somewhere' }],
  ])('%s %j', async (name, args, expected) => {
    expect(await target(name, args)).toMatchObject(expected);
  });

  it('one host is one target', async () => {
    const [first] = commands;
    if (!first) throw new Error('no command');
    const asked = { ...first, fields: [{ key: 'host', label: 'host', of: 'host', required: true }] } as const;
    const found = await targetOf(asked, { host: 'db1' }, its, () => Promise.resolve(null));
    expect(found).toMatchObject({ kind: 'host', host: { name: 'db1' }, sites: [{ name: 'acme' }] });
  });
});

describe('somebody with nothing but a grant for one site', () => {
  const held = {
    roles: [],
    grants: [{ who: ['U0ONE'], preset: 'operations-engineer' as const, site: 'acme' }],
  };
  it('may use these commands of today, where they name the site', () => {
    const site = its.sites.get('acme');
    if (!site) throw new Error('no site');
    const mine = commands.filter((one) => authorise(held, one, { kind: 'site', site, hosts: null }) === null);
    expect(mine.map((one) => one.name).sort()).toEqual(
      commands
        .map((one) => one.name)
        .filter(
          (name) =>
            !['audit', 'duty clear', 'duty set', 'freeze', 'review close', 'totp reset', 'unfreeze'].includes(name),
        )
        // Trust in a key is an admin's, and what is removed is nobody's by a grant.
        .filter((name) => !['cluster add', 'host add', 'host rekey'].includes(name) && !name.endsWith(' remove'))
        .sort(),
    );
  });
});

describe('somebody with nothing but a grant for one cluster', () => {
  const held = (preset: PresetName, cluster: string) => ({ roles: [], grants: [{ who: ['U0ONE'], preset, cluster }] });

  it.each([
    ['site discover', { cluster: 'main' }],
    ['cluster connect', { cluster: 'main' }],
    ['cluster show', { cluster: 'main' }],
    ['host test', { host: 'db1' }],
    ['host preflight', { host: 'db1' }],
    ['host show', { host: 'db1' }],
  ])('may use %s there, and not with one for another cluster', async (name, args) => {
    const command = commands.find((one) => one.name === name);
    if (!command) throw new Error(`no command ${name}`);
    const asked = await target(name, args);
    for (const preset of PRESET_NAMES) {
      expect(authorise(held(preset, 'main'), command, asked)).toBeNull();
      expect(authorise(held(preset, 'other'), command, asked)).toMatchObject({ code: 'not_allowed' });
    }
  });
});
