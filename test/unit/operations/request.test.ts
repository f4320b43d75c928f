import { describe, expect, it } from 'vitest';
import type { Risk } from '../../../approvals/policy.ts';
import { loadProfiles } from '../../../src/estate/profile-load.ts';
import { type Refusal, refusal } from '../../../src/kernel/errors.ts';
import { err, ok } from '../../../src/kernel/result.ts';
import { AT_ONCE, assess, type Timing } from '../../../src/operations/assess.ts';
import type { NewOperation } from '../../../src/operations/book.ts';
import { buildPlan, type RequestContext, requestOperation } from '../../../src/operations/request.ts';
import {
  decisionFor,
  policyOf,
  type SitePolicy,
  UNKNOWN_WORK,
  type Work,
} from '../../../src/operations/site-policy.ts';
import {
  config,
  estate,
  FREEZE,
  hostInput,
  operation,
  plan,
  plannedStep,
  policyOfAcme,
  siteInput,
  siteOf,
} from '../../support/builders.ts';
import { questionContext } from '../../support/question-context.ts';

/** Monday, eleven o'clock in Berlin: in working hours until 18:00. */
const NOON = new Date('2026-03-02T10:00:00Z');
const EVENING = new Date('2026-03-02T17:00:00Z');
const its = estate(
  [hostInput('db1'), hostInput('db2')],
  [siteInput('acme', 'db1'), siteInput('blue', 'db2', { environment: 'staging' })],
);
const verdictFor = (found: SitePolicy, risk: Risk, at: Date) =>
  decisionFor(found, risk, at, null, UNKNOWN_WORK).verdict;

function words(
  risk: Risk,
  timing: Partial<Timing>,
  its = policyOfAcme(),
  now = NOON,
  work: Work = UNKNOWN_WORK,
): string {
  const assessed = assess(its, risk, { ...AT_ONCE, ...timing }, now, work);
  if (!assessed.ok) return `${assessed.error.code}: ${assessed.error.message}`;
  const { verdict, quorum, opensAt } = assessed.value;
  return `${verdict.kind} ${quorum}${opensAt === null ? '' : ` from ${opensAt.toISOString().slice(8, 16)}`}`;
}

describe('a site that is treated as production because of its neighbour', () => {
  const database = { host: 'localhost', port: 5433, name: 'app', user: 'backup' };
  const shared = estate(
    [hostInput('db1')],
    [siteInput('acme', 'db1'), siteInput('blue', 'db1', { environment: 'staging', database })],
  );
  const whyOf = (name: string, risk: Risk): string => {
    const verdict = verdictFor(policyOf(config, shared, siteOf(shared, name), []), risk, NOON);
    return verdict.kind === 'refuse' ? '' : verdict.why;
  };

  it('is told so with the reason, the neighbour is not, and a question needs no reason', () => {
    const because = 'It shares its host with acme, so the rules of production hold.';
    expect(whyOf('blue', 'disruptive')).toBe(`Disruptive work waits until working hours are over. ${because}`);
    expect(whyOf('acme', 'disruptive')).not.toContain('shares');
    expect(whyOf('blue', 'read')).toBe('It only reads.');
  });
});

describe('what becomes of an operation that is asked for', () => {
  it.each<[string, Risk, Partial<Timing>, string]>([
    ['routine, at once', 'routine', {}, 'run 0'],
    ['routine, later in working hours', 'routine', { at: '15:00' }, 'run 0 from 02T14:00'],
    ['routine, in the evening', 'routine', { at: '20:00' }, 'votes 2 from 02T19:00'],
    ['routine, in its window', 'routine', { at: 'next-window' }, 'run 0'],
    ['disruptive, at once', 'disruptive', {}, 'hold 2 from 02T17:00'],
    ['disruptive, still in working hours', 'disruptive', { at: '15:00' }, 'hold 2 from 02T17:00'],
    ['disruptive, in the evening', 'disruptive', { at: '20:00' }, 'votes 2 from 02T19:00'],
    ['disruptive, next window', 'disruptive', { at: 'next-window' }, 'votes 2 from 02T17:00'],
    ['an emergency', 'disruptive', { now: 'the disk dies' }, 'votes 2'],
    ['an emergency that is none', 'routine', { now: 'hurry' }, 'nothing_gained: `--now` gains nothing'],
    ['an emergency without a reason', 'disruptive', { now: ' ' }, 'bad_arguments: `--now` needs a reason'],
    ['an emergency at a time', 'disruptive', { now: 'x', at: '20:00' }, 'bad_arguments: `--now` and `--at`'],
    ['break-glass as an emergency', 'break-glass', { now: 'x' }, 'nothing_gained'],
  ])('%s', (_name, risk, timing, expected) => {
    expect(words(risk, timing)).toContain(expected);
  });

  it('says that emergencies are switched off, before anything else', () => {
    for (const risk of ['routine', 'disruptive'] as const)
      expect(words(risk, { now: 'x' }, policyOfAcme({ emergency: false }))).toContain('not_allowed: Emergencies');
  });

  it('waits for the end of the freeze and of working hours after it', () => {
    expect(words('disruptive', {}, policyOfAcme({}, [FREEZE]))).toBe('hold 2 from 02T17:00');
    const late = { ...FREEZE, until: new Date('2026-03-02T21:30:00Z') };
    expect(words('disruptive', {}, policyOfAcme({}, [late]))).toBe('hold 2 from 02T21:30');
    expect(words('routine', {}, policyOfAcme({}, [late]))).toBe('votes 2');
    expect(words('disruptive', {}, policyOfAcme({}, [{ ...late, scope: { kind: 'site', name: 'blue' } }]))).toContain(
      '02T17',
    );
  });

  it('is refused when no window is in sight', () => {
    const rules = policyOfAcme().calendar;
    if (!rules) throw new Error('no calendar');
    const always = { ...policyOfAcme(), calendar: { ...rules, working_hours: Array(7).fill([{ from: 0, to: 1440 }]) } };
    expect(words('disruptive', {}, always)).toContain('no_window: ');
    expect(words('disruptive', { at: 'next-window' }, always)).toContain('no_window: ');
    expect(words('disruptive', { now: 'it burns' }, always)).toBe('votes 2');
  });

  it('waits for no window outside production', () => {
    const blue = policyOf(config, its, siteOf(its, 'blue'), [FREEZE]);
    expect(words('disruptive', { at: 'next-window' }, blue)).toBe('confirm 0');
    expect(words('routine', { at: '15:00' }, blue)).toBe('run 0 from 02T15:00');
  });
});

describe('work that usually takes long', () => {
  const HOUR = 3_600_000;
  const warned = (risk: Risk, hours: number, at: string | null = null) => {
    const work = { estimateMs: hours * HOUR, destroys: false };
    const assessed = assess(policyOfAcme(), risk, { at, now: null }, NOON, work);
    return assessed.ok ? assessed.value.verdict.warning : assessed.error.code;
  };

  it('is warned of when its window, from the opening on, is too short for it', () => {
    expect(warned('disruptive', 14)).toBeUndefined();
    expect(warned('disruptive', 16)).toBe(
      'It usually takes 16 h 00 min, but working hours begin 15 h 00 min after its earliest start.',
    );
    expect(warned('disruptive', 9, '2026-03-03T01:00')).toContain('working hours begin 8 h 00 min after');
    expect(warned('routine', 16)).toBeUndefined();
  });
});

describe('the calendar of a site', () => {
  const calendars = { ...config.calendars, night: { ...config.calendars.office, working_hours: Array(7).fill([]) } };
  const withNight = { ...config, calendars } as typeof config;
  const siteWith = (calendar: string) =>
    siteOf(estate([hostInput('db1')], [siteInput('acme', 'db1', { calendar })]), 'acme');

  it('goes before that of its environment', () => {
    const found = policyOf(withNight, its, siteWith('night'), []);
    expect(verdictFor(found, 'routine', NOON)).toMatchObject({ kind: 'votes' });
    expect(verdictFor(policyOf(withNight, its, siteWith('office'), []), 'routine', NOON).kind).toBe('run');
  });

  it('that the configuration does not have is told, and everything is approved', () => {
    const found = policyOf(withNight, its, siteWith('lunar'), []);
    expect(verdictFor(found, 'routine', NOON)).toMatchObject({
      kind: 'votes',
      warning: expect.stringContaining('"lunar"'),
    });
  });

  it('of a year whose holidays nobody knows restricts, and warns', () => {
    const found = policyOfAcme();
    const unknown = { ...found, calendar: found.calendar && { ...found.calendar, holidays: { extra: [], dates: {} } } };
    const warning = expect.stringContaining('holidays of 2026');
    expect(verdictFor(unknown, 'routine', NOON)).toMatchObject({ kind: 'votes', quorum: 2, warning });
    expect(verdictFor(unknown, 'disruptive', NOON)).toMatchObject({ kind: 'hold', until: EVENING, warning });
    expect(verdictFor(unknown, 'routine', EVENING)).toMatchObject({ kind: 'votes', warning });
    expect(verdictFor(unknown, 'read', NOON)).not.toHaveProperty('warning');
  });
});

const NO_BACKUPS: RequestContext['backups'] = {
  verified: () => Promise.resolve({ now: NOON, askedAt: NOON, verified: [] }),
};
const NO_SECRETS = { read: () => Promise.resolve(err(refusal('secret_missing', 'there is none'))) };

describe('a plan', () => {
  const boxed = estate(
    [hostInput('db1'), { name: 'box', address: 'box.example.com', shell: 'none', roles: ['db'] }],
    [siteInput('acme', 'db1'), siteInput('inside', 'box')],
  );
  const { hosts } = questionContext({ run: 'pg_dump', prints: 'tool=15.18\nsite_dir=yes\n' });
  const build = (site: string, host: string) => {
    const steps = [plannedStep({ title: 'Look', host: 'db1' }), plannedStep({ title: 'Restart the server', host })];
    const command = {
      name: 'tune',
      risk: 'disruptive',
      plan: () => ok(plan({ command: 'tune', steps, cleanup: [] })),
    } as const;
    const { estateBook, dial, settings } = questionContext();
    const { profiles } = questionContext();
    return buildPlan(
      {
        hosts,
        config,
        estate: () => Promise.resolve(boxed),
        profiles,
        estateBook,
        backups: NO_BACKUPS,
        dial,
        settings,
        secrets: NO_SECRETS,
      },
      command,
      { site },
      null,
    );
  };

  it('R12 with a step on a host without a shell is refused with that reason and the next step', async () => {
    expect(await build('acme', 'db1')).toMatchObject({ ok: true });
    expect(await build('acme', 'box')).toMatchObject({
      ok: false,
      error: {
        code: 'no_shell',
        message:
          'box has no shell for Twokey (`shell: none` in the estate), so nothing can be run on it. `tune` would do this there: Restart the server (db.dump).',
        next: expect.stringContaining('runs from an app host'),
      },
    });
    expect(await build('inside', 'db1')).toMatchObject({ ok: false, error: { code: 'no_shell' } });
  });
});

describe('a disruptive request in working hours', () => {
  async function request(timing: Timing, approvers = ['U0APA', 'U0APB'], denied: Refusal | null = null, there = its) {
    const opened: NewOperation[] = [];
    const { book, hosts, estateBook, dial, settings } = questionContext({
      run: 'pg_dump',
      prints: 'tool=15.18\nsite_dir=yes\n',
    });
    const context: RequestContext = {
      book: {
        ...book,
        now: () => Promise.resolve(NOON),
        open: (it) => {
          opened.push(it);
          return Promise.resolve(ok(operation({ state: 'held' })));
        },
      },
      hosts,
      estateBook,
      backups: NO_BACKUPS,
      dial,
      config,
      estate: () => Promise.resolve(there),
      profiles: loadProfiles('/nowhere'),
      settings,
      secrets: NO_SECRETS,
      freezes: () => Promise.resolve([]),
      approvers: () => Promise.resolve(approvers),
      reviewers: () => Promise.resolve(approvers),
    };
    const command = { name: 'restore', risk: 'disruptive', plan: () => ok(plan()) } as const;
    const who = { requester: 'U0REQ', account: 'U0REQ', authorise: () => Promise.resolve(denied) };
    const asked = { command, args: { site: 'acme' }, line: 'restore acme', ...who, timing, key: null };
    return { answer: await requestOperation(context, asked), opened };
  }

  it('is recorded as held until working hours are over, with the quorum', async () => {
    const { opened } = await request(AT_ONCE);
    expect(opened).toMatchObject([
      { opensAt: EVENING, notBefore: null, quorum: 2, emergency: null, verdict: { kind: 'hold', until: EVENING } },
    ]);
    expect(opened[0]?.rules).toMatchObject({ risk: 'disruptive', quorum: '2' });
  });

  it('is refused, and recorded nowhere, when nobody knows the site’s profile', async () => {
    const odd = estate([hostInput('db1')], [siteInput('acme', 'db1', { profile: 'scirpt' })]);
    const { answer, opened } = await request(AT_ONCE, undefined, null, odd);
    expect(answer).toMatchObject({ error: { code: 'unknown_profile', message: expect.stringContaining('`script`') } });
    expect(opened).toEqual([]);
  });

  it('is recorded as an emergency with its reason, and nothing holds it', async () => {
    const { opened } = await request({ at: null, now: 'the disk dies' });
    expect(opened).toMatchObject([
      {
        opensAt: null,
        quorum: 2,
        emergency: 'the disk dies',
        verdict: { kind: 'votes', why: expect.stringContaining('An emergency does not wait') },
      },
    ]);
  });

  it('is refused, and recorded nowhere, when the plan touches what the requester may not', async () => {
    const { answer, opened } = await request(AT_ONCE, undefined, refusal('not_allowed', 'not on that host'));
    expect(answer).toMatchObject({ ok: false, error: { code: 'not_allowed', message: 'not on that host' } });
    expect(opened).toEqual([]);
  });

  it('is refused, and recorded nowhere, when too few could approve', async () => {
    const { answer, opened } = await request(AT_ONCE, ['U0APA', 'U0REQ']);
    expect(answer).toMatchObject({ ok: false, error: { code: 'quorum_unreachable' } });
    expect(opened).toEqual([]);
  });
});
