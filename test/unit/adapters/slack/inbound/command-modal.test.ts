import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { isDryRun } from '../../../../../commands/contract/command.ts';
import { loadCommands } from '../../../../../commands/index.ts';
import type { Person } from '../../../../../src/adapters/slack/identity.ts';
import { commandModal, modalMemory, readSubmission } from '../../../../../src/adapters/slack/inbound/command-modal.ts';
import { loadProfiles } from '../../../../../src/estate/profile-load.ts';
import type { Estate } from '../../../../../src/estate/types.ts';
import { checkBlocks } from '../../../../../src/workspace/blocks/check.ts';
import { config, estate, hostInput, siteInput } from '../../../../support/builders.ts';

const PIN = { host_keys: ['ssh-ed25519 AAAA'] };
const commands = await loadCommands();
const profiles = loadProfiles('/nowhere');
const named = (name: string) => commands.find((one) => one.name === name) ?? expect.fail(name);
const person = (change: Partial<Person> = {}): Person => ({
  id: 'U0REQ',
  account: 'U0REQ',
  name: 'operator',
  fullMember: true,
  roles: ['operator'],
  grants: [],
  ...change,
});

const its = estate(
  [
    hostInput('app1', { port: 2222, jump: 'gate', sudo: 'site', ...PIN }),
    hostInput('gate', PIN),
    hostInput('other', PIN),
    hostInput('unpinned'),
    hostInput('behind', { jump: 'app1', ...PIN }),
    { name: 'box', address: 'box.example.com', shell: 'none', roles: ['db'] },
  ],
  [siteInput('acme', 'app1')],
);

const option = z.looseObject({ value: z.string() });
const block = z.looseObject({
  type: z.string(),
  block_id: z.string().optional(),
  element: z
    .looseObject({
      type: z.string(),
      initial_value: z.string().optional(),
      initial_option: option.optional(),
      options: z.array(option).optional(),
    })
    .optional(),
});

/** The form as it opens: its blocks, what travels through it, and the state that Slack sends when nothing is touched. */
async function opened(name: string, args: Record<string, string>, on: Estate = its, who = person()) {
  const desk = { estate: () => Promise.resolve(on), commands, config, profiles };
  const view = await commandModal(desk, who, named(name), args, 'C0OPS');
  const blocks = z.array(block).parse(JSON.parse(JSON.stringify(view.blocks)));
  expect(checkBlocks(blocks, 'modal')).toEqual([]);
  expect(view.private_metadata?.length).toBeLessThanOrEqual(3_000);
  const memory = modalMemory.parse(JSON.parse(view.private_metadata ?? ''));
  const fields = blocks.flatMap(({ block_id, element }) =>
    block_id === undefined || !element ? [] : [[block_id, element] as const],
  );
  const untouched = Object.fromEntries(
    fields.map(([key, { initial_value = null, initial_option }]) => [key, initial_option?.value ?? initial_value]),
  );
  const send = (change: Record<string, string | null>, estateThen: Estate | null = on) => {
    const values = Object.entries({ ...untouched, ...change }).map(([key, value]) => [
      key,
      {
        value: fields.some(([one, { type }]) => one === key && type === 'static_select')
          ? { selected_option: value === null ? null : { value } }
          : { value },
      },
    ]);
    return readSubmission(named(name), memory, Object.fromEntries(values), estateThen);
  };
  return { fields: new Map(fields), untouched, send, submit: view.submit?.text };
}

describe('a form after --dry-run', () => {
  it.each<[string, Record<string, string>, Record<string, string>]>([
    ['backup', {}, { site: 'acme' }],
    ['host edit', { host: 'app1' }, { port: '22' }],
  ])('of %s still only shows', async (name, typed, filled) => {
    const { send, submit } = await opened(name, { ...typed, 'dry-run': 'yes', at: '20:00' });
    expect(submit).toBe('Show');
    const { args, errors } = send(filled);
    expect(errors).toEqual({});
    expect(isDryRun(named(name), args)).toBe(true);
    expect(args.at).toBe('20:00');
    expect((await opened(name, typed)).submit).toBe('Ask for it');
  });
});

describe('the form of host edit', () => {
  it('has a field for each part of the connection, with what is there', async () => {
    const { fields, untouched } = await opened('host edit', { host: 'app1' });
    expect(untouched).toEqual({
      address: 'app1.example.com',
      port: '2222',
      user: 'deploy',
      key_file: '/etc/twokey/key',
      agent: null,
      transport: 'ssh2',
      jump: 'gate',
      sudo: 'site',
      disruptive_at_once: '1',
      changes: null,
    });
    expect(fields.get('transport')?.options?.map((one) => one.value)).toEqual(['ssh2', 'openssh']);
    // Not itself, not what lies behind it, nothing without a shell or a pinned key.
    expect(fields.get('jump')?.options?.map((one) => one.value)).toEqual(['-', 'gate', 'other']);
  });

  it('asks for what was changed in it, and for nothing else', async () => {
    const { send } = await opened('host edit', { host: 'app1' });
    const changes = (change: Record<string, string | null>) => {
      const { args, errors } = send(change);
      expect(errors).toEqual({});
      expect(args.host).toBe('app1');
      return args.changes;
    };
    expect(changes({ port: '22' })).toBe('--port 22');
    expect(changes({ disruptive_at_once: '2' })).toBe('--disruptive_at_once 2');
    expect(changes({ jump: '-', sudo: null })).toBe('--unset jump --unset sudo');
    expect(changes({ transport: 'openssh', jump: 'other' })).toBe('--transport openssh --jump other');
    expect(changes({ key_file: null, agent: 'yes' })).toBe('--unset key_file --agent yes');
    expect(changes({ user: 'admin', changes: 'roles "app, mail" --base /srv/jobs' })).toBe(
      '--user admin roles "app, mail" --base /srv/jobs',
    );
  });

  it('P10 says what is wrong at the field where it is', async () => {
    const { send } = await opened('host edit', { host: 'app1' });
    const wrong = (change: Record<string, string | null>) => Object.entries(send(change).errors);
    expect(wrong({ port: '70000' })).toEqual([['port', expect.stringContaining('65535')]]);
    expect(wrong({ address: 'a b', user: 'Root' })).toEqual([
      ['address', 'a host name or an address'],
      ['user', 'a user name'],
    ]);
    expect(wrong({ key_file: null })).toEqual([['key_file', expect.stringContaining('either a key_file or an agent')]]);
    expect(wrong({ agent: 'yes' })[0]?.[0]).toBe('key_file');
    expect(wrong({ user: null })).toEqual([['user', expect.stringContaining('needed')]]);
    expect(wrong({ jump: 'behind' })).toEqual([['jump', expect.stringContaining('not lie behind it')]]);
    expect(wrong({ changes: 'prot 22' })).toEqual([['changes', expect.stringContaining('no field `prot`')]]);
    expect(wrong({ changes: 'host_keys x' })).toEqual([['changes', expect.stringContaining('host rekey')]]);
    expect(wrong({ changes: 'certificate_file /c' })).toEqual([['changes', expect.stringContaining('openssh')]]);
    expect(wrong({})).toEqual([['changes', 'Nothing is changed.']]);
    // When the estate is not to be had in time, the plan says it instead.
    const later = send({ port: '70000' }, null);
    expect(later).toMatchObject({ errors: {}, args: { changes: '--port 70000' } });
  });

  it('is within Slack’s limits with many hosts: beyond a hundred the bastion is typed, and judged all the same', async () => {
    const many = (count: number) =>
      estate(
        Array.from({ length: count }, (_, n) => hostInput(`host-${n}`, PIN)),
        [siteInput('acme', 'host-0')],
      );
    const full = await opened('host edit', { host: 'host-0' }, many(100));
    expect(full.fields.get('jump')?.options).toHaveLength(100);
    const more = await opened('host edit', { host: 'host-0' }, many(101));
    expect(more.fields.get('jump')).toMatchObject({ type: 'plain_text_input' });
    expect(more.send({ jump: 'host-7' })).toMatchObject({ errors: {}, args: { changes: '--jump host-7' } });
    expect(more.send({ jump: 'host-777' }).errors).toEqual({ jump: expect.stringContaining('a host of the estate') });
    const longest = hostInput('app1', {
      key_file: `/${'k'.repeat(399)}`,
      address: 'a'.repeat(255),
      sudo: 's'.repeat(32),
    });
    await opened('host edit', { host: 'app1' }, estate([longest], []));
  });

  it('offers of the bastions only those that somebody may look at, and keeps the one that is there', async () => {
    const who = person({ roles: [], grants: [{ who: ['U0REQ'], preset: 'infrastructure', site: 'acme' }] });
    const { fields } = await opened('host edit', { host: 'app1' }, its, who);
    expect(fields.get('jump')?.options?.map((one) => one.value)).toEqual(['-', 'gate']);
  });

  it('is the one of any command while its host is not known', async () => {
    expect([...(await opened('host edit', {})).fields.keys()]).toEqual(['host', 'changes']);
    expect([...(await opened('host edit', { host: 'nobody' })).fields.keys()]).toEqual(['host', 'changes']);
  });
});

describe('other forms', () => {
  it('cluster edit has its region as a field, which can be left empty', async () => {
    const { send, untouched } = await opened('cluster edit', { cluster: 'main' });
    expect(untouched).toEqual({ data_region: null });
    expect(send({ data_region: 'de' })).toMatchObject({ errors: {}, args: { changes: '--data_region de' } });
    expect(send({ data_region: 'Germany' }).errors).toEqual({ data_region: 'a region such as de or eu-central-1' });
    expect(send({}).errors).toEqual({ data_region: 'Nothing is changed.' });
  });

  it('site edit has a field for each thing that is asked for often, and one for who agreed to a fee', async () => {
    const { send, untouched, fields } = await opened('site edit', { site: 'acme' });
    const { version, site_dir } = its.sites.get('acme') ?? expect.fail('no site');
    expect(untouched).toMatchObject({ host: 'app1', version, site_dir, 'database.port': '5432', reason: null });
    expect(fields.get('host')?.options?.map((one) => one.value)).toEqual([...its.hosts.keys()]);
    expect(send({ 'database.port': '5433', calendar: 'office' })).toEqual({
      errors: {},
      args: { site: 'acme', changes: '--database.port 5433 --calendar office' },
    });
    expect(send({ version: '9.0.0', reason: 'fee agreed', changes: 'database.jobs 4' })).toEqual({
      errors: {},
      args: { site: 'acme', reason: 'fee agreed', changes: '--version 9.0.0 database.jobs 4' },
    });
    expect(send({ reason: 'fee agreed' }).errors).toEqual({ changes: 'Nothing is changed.' });
    expect(send({ host: 'nobody' }).errors).toEqual({ host: 'There is no host nobody in the estate.' });
    expect(send({ 'database.port': 'x', environment: 'Live' }).errors).toMatchObject({
      'database.port': expect.stringContaining('number'),
      environment: expect.any(String),
    });
    const said = await opened('site edit', { site: 'acme', reason: 'fee agreed' });
    expect(said.untouched).toMatchObject({ reason: 'fee agreed' });
    expect(said.send({ version: '9.0.0' }).args).toMatchObject({ reason: 'fee agreed' });
    expect(said.send({ version: '9.0.0', reason: null }).args).not.toHaveProperty('reason');
  });

  it('begin with what was typed, and say what is wrong at their first field', async () => {
    const { untouched, send } = await opened('backup list', { site: 'acme' });
    expect(untouched).toMatchObject({ site: 'acme' });
    expect(send({}).errors).toEqual({});
    const add = await opened('site add', { site: 'Blue!' });
    expect(Object.keys(add.send({}).errors)).toEqual(['site']);
  });
});
