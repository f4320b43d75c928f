import { describe, expect, it } from 'vitest';
import { checkInWords, nextAfter } from '../../../commands/contract/check-words.ts';
import type { QuestionContext } from '../../../commands/contract/command.ts';
import { parseLine } from '../../../commands/contract/line.ts';
import { typedAgain } from '../../../commands/contract/typed.ts';
import { workAsHeading } from '../../../commands/contract/words.ts';
import { loadCommands } from '../../../commands/index.ts';
import { renderAnswer } from '../../../src/adapters/slack/render/answer.ts';
import { buildEstate } from '../../../src/estate/estate.ts';
import { estateDocument, type Host } from '../../../src/estate/types.ts';
import { refusal } from '../../../src/kernel/errors.ts';
import { err, ok } from '../../../src/kernel/result.ts';
import type { HostCheck } from '../../../src/operations/estate/dial.ts';
import { noShell } from '../../../src/operations/no-shell.ts';
import { estate, hostInput, siteInput, T0 } from '../../support/builders.ts';
import { questionContext } from '../../support/question-context.ts';

const commands = await loadCommands();
const its = estate(
  [hostInput('app1', { sudo: 'app' }), hostInput('dead')],
  [siteInput('acme', 'app1', { data_region: 'de' })],
);
const well: HostCheck = {
  tookMs: 40,
  key: 'ok',
  login: 'deploy',
  sudo: ok('app'),
  clock: T0.getTime() / 1000,
  problem: null,
};
const gone: HostCheck = {
  ...well,
  key: 'unknown',
  login: null,
  sudo: null,
  clock: null,
  problem: refusal('host_unreachable', 'dead (dead.example.com:22) cannot be reached: connect ECONNREFUSED'),
};

async function ask(name: string, args: Record<string, string>, change: Partial<QuestionContext> = {}) {
  const noted: [string, boolean, string][] = [];
  const fake = questionContext();
  const context: QuestionContext = {
    ...fake,
    estate: its,
    commands,
    estateBook: {
      ...fake.estateBook,
      noteContact: (...row) => Promise.resolve(void noted.push(row)),
      contacts: () =>
        Promise.resolve(
          new Map([['app1', { at: T0, answered: false, words: 'not connected: app1: no answer', answeredAt: T0 }]]),
        ),
    },
    dial: { ...fake.dial, check: (host: Host) => Promise.resolve(host.name === 'dead' ? gone : well) },
    book: { ...fake.book, now: () => Promise.resolve(T0) },
    ...change,
  };
  const command = commands.find((one) => one.name === name);
  if (command?.kind !== 'question') throw new Error(`${name} is no question`);
  const answer = await command.answer(args, context);
  return { words: JSON.stringify(answer.ok ? answer.value : answer.error), noted, answer };
}

describe('a look at a host in words', () => {
  it.each<[string, Partial<HostCheck>, RegExp]>([
    ['all is well', {}, /^connected in 40 ms, key ok, logged in as deploy, sudo to app works, clock right$/],
    ['no sudo is set', { sudo: null }, /logged in as deploy, clock right$/],
    [
      'sudo asks for a password',
      { sudo: err(refusal('protocol_error', 'a password is required')) },
      /sudo does NOT work: a password/,
    ],
    ['its clock is slow', { clock: T0.getTime() / 1000 - 90 }, /clock 90 s behind: set it/],
    ['its clock is a little ahead', { clock: T0.getTime() / 1000 + 3 }, /clock 3 s ahead$/],
    ['its clock is not told', { clock: null }, /clock unknown$/],
    [
      'nobody is let in',
      { key: 'ok', problem: refusal('host_auth_failed', 'x does not let deploy in') },
      /^not connected: x: .*\(key ok\)$/,
    ],
    ['another key', { key: 'changed', problem: refusal('host_key_changed', 'x presents another') }, /KEY CHANGED/],
  ])('when %s', (_name, change, words) => {
    expect(checkInWords('x', { ...well, ...change }, T0)).toMatch(words);
  });

  it('says what to do next, and nothing when nothing is to be done', () => {
    expect(nextAfter('x', well)).toBeNull();
    expect(nextAfter('x', gone)).toContain('Check that the host is up');
    expect(nextAfter('x', { ...gone, problem: refusal('host_key_changed', '') })).toContain('host rekey x');
    expect(nextAfter('x', { ...gone, problem: refusal('host_key_unknown', '') })).toContain('host rekey x');
    expect(nextAfter('x', { ...well, sudo: err(refusal('protocol_error', '')) })).toContain('host edit x --unset sudo');
  });
});

describe('R6 cluster connect', () => {
  it('names each host, the dead ones with why, and notes what it found', async () => {
    const { words, noted } = await ask('cluster connect', { cluster: 'main' });
    expect(words).toContain('1 of 2 hosts of main are connected.');
    expect(words).toContain('not connected: dead: dead (dead.example.com:22) cannot be reached: connect ECONNREFUSED');
    expect(noted.map(([host, answered]) => [host, answered])).toEqual([
      ['app1', true],
      ['dead', false],
    ]);
  });

  it.each([
    ['cluster connect', 'cluster', 'mian', 'main'],
    ['cluster show', 'cluster', 'mian', 'main'],
    ['host list', 'cluster', 'mian', 'main'],
    ['host show', 'host', 'ap1', 'app1'],
    ['host test', 'host', 'ap1', 'app1'],
    ['site show', 'site', 'acm', 'acme'],
  ])('%s offers the nearest name', async (name, key, typed, near) => {
    expect((await ask(name, { [key]: typed })).words).toContain(`Did you mean \`${near}\`?`);
  });
});

describe('a host without a shell', () => {
  const boxed = estate(
    [hostInput('app1'), { name: 'box', address: 'box.example.com', shell: 'none', roles: ['db'] }],
    [siteInput('acme', 'app1')],
  );
  const dial = {
    ...questionContext().dial,
    check: (host: Host) =>
      Promise.resolve(host.shell === 'none' ? { ...gone, problem: noShell(host) } : { ...well, sudo: null }),
  };

  it('is told apart from one that does not answer, and has no last contact', async () => {
    const [cluster = ''] = boxed.clusters.keys();
    const { words, noted } = await ask('cluster connect', { cluster }, { estate: boxed, dial });
    expect(words).toContain('1 of 2 hosts of');
    expect(words).toContain('1 of them have no shell');
    expect(words).toContain('box has no shell for Twokey');
    expect(noted.map(([host]) => host)).toEqual(['app1']);
    expect((await ask('host show', { host: 'box' }, { estate: boxed })).words).toContain('nothing connects to it');
    expect((await ask('host list', {}, { estate: boxed })).words).toContain('no shell');
  });
});

it('a grant shows of clusters and hosts what it reaches', async () => {
  const all = estate([hostInput('app1'), hostInput('other')], [siteInput('acme', 'app1'), siteInput('blue', 'other')]);
  const grants = [{ who: ['U0ONE'], preset: 'infrastructure' as const, site: 'acme' }];
  const asker = { person: 'U0ONE', name: 'one', roles: [], grants };
  for (const list of ['host list', 'cluster list']) {
    const { words } = await ask(list, {}, { estate: all, asker });
    expect(words).toContain('app1');
    expect(words).not.toMatch(/other|blue/);
  }
});

describe('show', () => {
  it('tells of a host its way, keys, last contact with its time, and what depends on it', async () => {
    const { words } = await ask('host show', { host: 'app1' });
    for (const expected of [
      'deploy@app1.example.com:22, sudo to app',
      'none, so nothing connects',
      'acme (production)',
      'it last answered',
      T0.toISOString(),
      'not connected: app1',
      'Disruptive operations at once","value":["1"]',
    ])
      expect(words).toContain(expected);
    expect((await ask('host show', { host: 'dead' })).words).toContain('not looked at yet');
  });

  it('tells of a cluster its hosts and sites, of a site its database and region', async () => {
    expect((await ask('cluster show', { cluster: 'main' })).words).toMatch(/2 hosts, 1 sites.*production.*acme/);
    expect((await ask('site show', { site: 'acme' })).words).toMatch(/app at localhost:5432, as backup.*"de"/);
    const lent = buildEstate(
      estateDocument.parse({
        clusters: [
          { name: 'main', data_region: 'de', hosts: [], sites: [siteInput('acme', 'far1')] },
          { name: 'far', data_region: 'us', hosts: [hostInput('far1')] },
        ],
      }),
    );
    const elsewhere = lent.ok ? lent.value : expect.fail('no estate');
    expect((await ask('site show', { site: 'acme' }, { estate: elsewhere })).words).toContain(
      '"label":"Data region","value":["us"]',
    );
    expect((await ask('cluster list', {})).words).toContain('app1, dead');
    expect((await ask('host list', {})).words).toContain('did not answer');
  });
});

describe('can', () => {
  it('judges a change of the estate by what it works on', async () => {
    const host = await ask('can', { command: 'host edit app1 port 2222' });
    expect(host.words).toContain('host app1');
    expect(host.words).toMatch(/It would wait for 2 approvals/);
    expect((await ask('can', { command: 'cluster remove main' })).words).toContain('break-glass');
    expect((await ask('can', { command: 'host edit nobody port 1' })).words).toContain('not_supported');
  });

  it('says what shows the plan, where it cannot judge as well', async () => {
    const { words } = await ask('can', { command: 'host edit app1 port 2222 --at 20:00' });
    expect(words).toContain('The same line with --dry-run shows the plan');
    expect((await ask('can', { command: 'host edit nobody port 1' })).words).toContain('Send it with `--dry-run`');
  });

  it('names as people those who alone could approve', async () => {
    const approvers = () => Promise.resolve(['U0APA']);
    const { words } = await ask('can', { command: 'host edit app1 port 2222' }, { approvers });
    expect(words).toContain('needs 2 approvals besides yours, but only ",{"person":"U0APA"}," can approve."');
  });
});

describe('what is typed for the estate', () => {
  const parsed = (line: string) => {
    const read = parseLine(line, commands, '/ops');
    return read.ok ? read.value.args : read.error.message;
  };

  it('keeps the time out of the changes, and reads dashes for underscores', () => {
    expect(parsed('host edit app1 port 2222 --at 20:00 --unset jump')).toEqual({
      host: 'app1',
      changes: 'port 2222 --unset jump',
      at: '20:00',
    });
    expect(parsed('host edit app1 --at 20:00')).toEqual({ host: 'app1', at: '20:00' });
    expect(parsed('host add main new 10.0.0.1 --user me --key-file /k')).toMatchObject({ key_file: '/k' });
  });

  it('can be typed again as it was meant', () => {
    const command = commands.find((one) => one.name === 'site edit');
    if (!command) throw new Error('no command');
    const args = { site: 'acme', changes: 'database.name "my app"', at: 'next-window' };
    const line = typedAgain(command, args);
    expect(line).toBe('site edit acme database.name "my app" --at next-window');
    expect(parsed(line)).toEqual(args);
  });
});

it('a schedule cannot be tried, and the line of one run is named', async () => {
  const { words } = await ask('standing request', { cron: '30 2 * * *', command: 'backup acme --dry-run' });
  expect(words).toContain('see what one run would be: `/ops backup acme --dry-run`');
});

it('P8 schedules nothing in which a secret may have been typed, and does not repeat it', async () => {
  const typed = 'compose edit acme services.app.environment.PGPASSWORD hunter2';
  const { words } = await ask('standing request', { cron: '30 2 * * *', command: typed });
  expect(words).toContain('`compose edit` is never scheduled');
  expect(words).not.toContain('hunter2');
});

it('help names --dry-run for what changes something, and for nothing else', async () => {
  expect((await ask('help', { command: 'backup' })).words).toContain('--dry-run to see its plan');
  expect((await ask('help', { command: 'sites' })).words).not.toContain('--dry-run');
});

it('a card is headed by what is done to what', () => {
  expect(workAsHeading({ command: 'host edit', site: 'host:app1' })).toBe('Host edit app1');
  expect(workAsHeading({ command: 'host add', site: 'cluster:main' })).toBe('Host add, cluster main');
  expect(workAsHeading({ command: 'backup', site: 'acme' })).toBe('Backup acme');
});

describe('help fits into one message', () => {
  const admin = { person: 'U0ADM', name: 'admin', roles: ['admin'], grants: [] } as const;
  const shownBy = async (args: Readonly<Record<string, string>>) => {
    const { answer } = await ask('help', args, { asker: admin });
    if (!answer.ok) throw new Error(answer.error.message);
    const text = JSON.stringify(renderAnswer(answer.value).blocks);
    expect(text).not.toContain('more than a message can hold');
    return text;
  };

  it('with every command', async () => {
    const text = await shownBy({});
    for (const one of commands) expect(text).toMatch(new RegExp(`\`(?:/ops )?${one.name}[ \`]`));
  });

  it.each(['cluster', 'host', 'site', 'standing', 'totp'])('with all about %s', async (word) => {
    const text = await shownBy({ command: word });
    for (const one of commands.filter(({ name }) => name.startsWith(`${word} `)))
      expect(text).toContain(`/ops ${one.name}`);
  });
});
