import { describe, expect, it } from 'vitest';
import type { Span } from '../../../commands/contract/answer.ts';
import type { QuestionContext } from '../../../commands/contract/command.ts';
import { loadCommands } from '../../../commands/index.ts';
import { renderAnswer } from '../../../src/adapters/slack/render/answer.ts';
import { loadProfiles } from '../../../src/estate/profile-load.ts';
import { refusal } from '../../../src/kernel/errors.ts';
import { err, ok } from '../../../src/kernel/result.ts';
import {
  config,
  estate,
  hostInput,
  later,
  operation,
  siteInput,
  stepRecord,
  T0,
  view,
  voteRecord,
} from '../../support/builders.ts';
import { questionContext } from '../../support/question-context.ts';

const commands = await loadCommands();
const profiles = loadProfiles('/nowhere');
const its = estate(
  [hostInput('db1')],
  [siteInput('acme', 'db1'), siteInput('blue', 'db1', { environment: 'staging' })],
);
const ended = operation({ state: 'succeeded', startedAt: T0, endedAt: later(2), result: { path: '/srv/x' } });
const whole = view(
  { ...ended },
  {
    steps: [
      stepRecord(1, {
        state: 'succeeded',
        startedAt: T0,
        endedAt: later(1),
        exitCode: 0,
        outputBytes: 9_000,
        jid: 'job-1',
      }),
      stepRecord(2, { state: 'failed', exitCode: 3, outputBytes: 5, jid: 'job-2', title: 'Verify' }),
    ],
    votes: [
      voteRecord('U0APA'),
      voteRecord('U0APB', { withdrawnAt: later(3) }),
      voteRecord('U0APC', { voidReason: 'left' }),
    ],
  },
);
const never = (): never => {
  throw new Error('this question must not ask for that');
};
const printed = (text: string) => () => Promise.resolve(ok({ code: 0, output: new TextEncoder().encode(text) }));

function context(change: Partial<QuestionContext> = {}): QuestionContext {
  const { duties, ...rest } = questionContext();
  return {
    ...rest,
    asker: { person: 'U0VIEW', name: 'viewer', roles: ['viewer'], grants: [] },
    config,
    estate: its,
    profiles,
    duties: {
      lists: duties.lists,
      book: { owners: () => Promise.resolve([]), set: never, clear: never },
    },
    commands,
    book: {
      now: () => Promise.resolve(T0),
      view: (id) => Promise.resolve(id === ended.id ? whole : null),
      estimate: () => Promise.resolve(null),
      history: ({ site }) => Promise.resolve(site === 'blue' ? [] : [ended]),
      active: (site) => Promise.resolve(site === 'blue' ? [] : [operation({ state: 'running' })]),
      open: never,
      cancel: never,
      leave: never,
      runBefore: never,
      markSeen: never,
    },
    audit: { last: () => Promise.resolve([]) },
    evidence: never,
    journal: { read: (jid, start, limit) => Promise.resolve(new TextEncoder().encode(`${jid}@${start}+${limit}`)) },
    hosts: { run: printed(''), start: never, follow: never, kill: never, remove: never, strip: never },
    hostFacts: { note: never, of: never },
    cancel: never,
    freezes: { current: () => Promise.resolve([]), begin: never, lift: never },
    stepUp: { people: () => Promise.resolve(['U0APA']), reset: never },
    approvers: () => Promise.resolve(['U0APA', 'U0APB']),
    sees: () => true,
    whoMay: () => Promise.resolve(['U0REQ']),
    reviews: { list: never, close: never, closers: never },
    standing: { list: never, find: never, ask: never },
    ...change,
  };
}

function spanText(span: Span): string {
  if (typeof span === 'string') return span;
  if ('code' in span) return span.code;
  if ('strong' in span) return span.strong;
  return 'person' in span ? `@${span.person}` : span.at.toISOString();
}

/** An answer as plain text, one part a line; a refusal as its code, message and next. */
async function ask(
  name: string,
  args: Record<string, string> = {},
  change: Partial<QuestionContext> = {},
): Promise<string> {
  const command = commands.find((one) => one.name === name);
  if (command?.kind !== 'question') throw new Error(`${name} is no question`);
  const answer = await command.answer(args, context(change));
  if (!answer.ok) return `${answer.error.code}: ${answer.error.message} ${answer.error.next}`;
  expect(answer.value.summary.length).toBeGreaterThan(5);
  const parts = answer.value.parts.map((part) => {
    if (part.kind === 'heading' || part.kind === 'log') return part.text;
    if (part.kind === 'text') return part.text.map(spanText).join('');
    if (part.kind === 'table') return [part.head, ...part.rows].map((row) => row.join(' | ')).join('\n');
    return part.rows.map((row) => `${row.label}: ${row.value.map(spanText).join('')}`).join('\n');
  });
  return [answer.value.summary, ...parts].join('\n');
}

describe('help', () => {
  it('shows each person what they may use', async () => {
    const viewer = await ask('help');
    expect(viewer).toContain('/ops status [site]');
    expect(viewer).not.toContain('/ops backup <site>');
    const admin = await ask('help', {}, { asker: { person: 'U0ADM', name: 'admin', roles: ['admin'], grants: [] } });
    for (const one of commands) expect(admin).toContain(one.name);
  });

  it('explains one command, its relatives, its risk and for whom it is', async () => {
    const backup = await ask('help', { command: 'backup' });
    expect(backup).toContain('/ops backup <site>');
    expect(backup).toContain('/ops backup list <site>');
    expect(backup).toContain('risk: routine');
    expect(backup).toContain('For: operator, admin.');
    expect(await ask('help', { command: 'backup list' })).not.toContain('/ops backup <site>');
  });

  it('offers the nearest name', async () => {
    expect(await ask('help', { command: 'bakcup' })).toMatch(/^unknown_command: .*`\/ops help backup`/);
  });
});

describe('sites', () => {
  it('lists each with what is going on there', async () => {
    expect(await ask('sites')).toContain('acme | production | 8.1.0 | db1 | 1 active');
    expect(await ask('sites', {}, { estate: estate([hostInput('db1')], []) })).toContain('twokey estate import FILE');
  });
});

describe('status', () => {
  const look = 'backup=acme-1\nfree=1500000\nused=41%\nload=0.1 0.2 0.3\nuptime=5\n';

  it('says what the host says', async () => {
    const said = await ask('status', { site: 'acme' }, { hosts: { ...context().hosts, run: printed(look) } });
    for (const words of [
      'answers, load 0.1 0.2 0.3',
      'in working hours',
      'acme-1',
      '1.5 MB free, 41% used',
      'backup (running)',
    ])
      expect(said).toContain(words);
  });

  it('says UNKNOWN where it does not know, and never a guess', async () => {
    const away = { ...context().hosts, run: () => Promise.resolve(err(refusal('host_unreachable', 'no answer'))) };
    const said = await ask('status', { site: 'acme' }, { hosts: away });
    expect(said).toContain('Host: db1 UNKNOWN: no answer');
    expect(said).toContain('Newest backup: UNKNOWN');
    expect(said).toContain('Disk: UNKNOWN');
    expect(await ask('status', { site: 'acme' })).toContain('Disk: UNKNOWN');
  });

  it('covers every site, and knows where no calendar applies', async () => {
    const apart = estate(
      [hostInput('db1'), hostInput('db2')],
      [siteInput('acme', 'db1'), siteInput('blue', 'db2', { environment: 'staging' })],
    );
    const said = await ask('status', {}, { estate: apart });
    expect(said).toContain('Status of acme, blue.');
    expect(said).toContain('Window: no calendar applies');
  });
});

describe('backup list', () => {
  it('shows the newest first, and what is incomplete', async () => {
    const listed = 'acme-1\t10\tyes\nacme-2\t2048\tno\nrubbish\n';
    const said = await ask('backup list', { site: 'acme' }, { hosts: { ...context().hosts, run: printed(listed) } });
    expect(said).toMatch(/acme-2 \| 2\.1 MB \| incomplete\nacme-1 \| 10\.2 kB \| checked/);
  });

  it('says so when there is none', async () => {
    expect(await ask('backup list', { site: 'acme' })).toContain('no backup yet');
  });
});

describe('show, log, history and cancel', () => {
  it('show everything about an operation', async () => {
    const said = await ask('show', { operation: ` ${ended.id.toUpperCase()} ` });
    for (const words of [
      'succeeded',
      '@U0REQ',
      '@U0APB approve (withdrawn)',
      '@U0APC approve (void: left)',
      'path /srv/x',
      '| failed | 3',
    ])
      expect(said).toContain(words);
  });

  it('show the end of each step’s output', async () => {
    const said = await ask('log', { operation: ended.id });
    expect(said).toContain('(9.0 kB, the end of it)\njob-1@6500+2500');
    expect(said).toContain('(5 bytes)\njob-2@0+2500');
  });

  it('list what was run', async () => {
    expect(await ask('history')).toContain(`${ended.id} | 2026-03-02 10:00 UTC | backup acme | succeeded | 2 min 00 s`);
    expect(await ask('history', { site: 'blue' })).toContain('Nothing has been run yet.');
  });

  it('pass on who may cancel what', async () => {
    const no = () => Promise.resolve(err(refusal('not_allowed', 'Not you.')));
    expect(await ask('cancel', { operation: ended.id }, { cancel: no })).toContain('not_allowed: Not you.');
    const yes = () => Promise.resolve(ok('asked' as const));
    expect(await ask('cancel', { operation: ended.id }, { cancel: yes })).toContain('is being stopped');
  });

  it('refuse what is no operation, with where to look', async () => {
    expect(await ask('show', { operation: 'zzzzzzzz' })).toMatch(/^unknown_operation: .*`history`/);
    for (const id of ['', 'abc', '../../..', "'; drop"]) {
      expect(await ask('show', { operation: id })).toMatch(/^bad_arguments: .*8 letters and digits/);
    }
  });
});

describe('every question about a site', () => {
  it.each(['status', 'backup list', 'history'])('%s refuses one that is not there, with the nearest', async (name) => {
    expect(await ask(name, { site: 'acm' })).toMatch(/^unknown_site: .*Did you mean `acme`\?.*`sites`/);
    expect(await ask(name, { site: '$(id)' })).toMatch(/^bad_arguments: /);
    expect(await ask(name, { place: 'acme' })).toMatch(/^bad_arguments: .*place/);
  });
});

describe('profiles and profile show', () => {
  it.each([...profiles.keys()])('fit into a message: %s', async (name) => {
    const command = commands.find((one) => one.name === 'profile show');
    const answer = command?.kind === 'question' ? await command.answer({ name }, context()) : null;
    if (!answer?.ok) throw new Error('no answer');
    const said = JSON.stringify(renderAnswer(answer.value).blocks);
    expect(said).not.toContain('more than a message can hold');
    expect(said).not.toContain('…');
  });

  it('list how each kind of application is operated, and who uses it', async () => {
    const said = await ask('profiles');
    expect(said).toContain('script | Site with scripts of its own | shipped | 0 | acme, blue');
    expect(said).toContain('karl | KARL | shipped');
  });

  it('show what is set, what is not and why, what is backed up how, and the checklist', async () => {
    const said = await ask('profile show', { name: 'flow-production-tracking-docker' });
    for (const words of [
      'memcached (compose)',
      'Commands set: commands.start, commands.stop',
      'commands.migrate: No public page names the task',
      'maintenance.on: ',
      'media: files {media_dir}',
      'memcached: none: It is a cache',
      'sign-in: People and scripts can sign in',
      'failover: Failover is not part of the standard contract',
      '(url, has to be set)',
      'docs/profiles.md',
    ])
      expect(said).toContain(words);
    const script = await ask('profile show', { name: 'script' });
    expect(script).toContain('every command is set');
    expect(script).not.toContain('docs/profiles.md');
  });

  it('offer the nearest name', async () => {
    expect(await ask('profile show', { name: 'commcar' })).toMatch(
      /^unknown_profile: There is no profile "commcar"\. Did you mean `commcare`\?/,
    );
  });
});

describe('whoami', () => {
  it('says what somebody may do', async () => {
    expect(await ask('whoami')).toMatch(/You are viewer: viewer\.\n[\s\S]*You are not an approver\./);
  });
});
