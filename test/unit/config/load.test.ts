import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { loadConfig, parseConfig } from '../../../src/config/load.ts';
import { CodedError } from '../../../src/kernel/errors.ts';

/** The configuration contract, word for word. */
const CONTRACT = `slack:
  command: /ops
  channels: { operations: C0OPS, alerts: C0ALERT, reports: C0REPORT, audit: C0AUDIT }
roles:                       # Slack user ids or user-group ids
  admin: [U0ADM]
  operator: [U0REQ, S0OPER]
  approver: [U0APA, U0APB]
  viewer: [U0VIEW]
calendars:
  office:
    timezone: Europe/Berlin
    working_hours: { mon-thu: "09:00-18:00", fri: "09:00-16:00" }
    holidays: { country: DE, region: BE, extra: ["2026-12-24"] }
    freezes: [ { from: "2026-12-20T00:00", to: "2027-01-04T00:00", reason: "year end" } ]
# working_hours: {} means never; "00:00-24:00" the whole day; mon-sun every day
policy:
  production: { calendar: office, quorum: 2, requester_counts: false, decide_within: 60m, start_within: 4h, emergency: true, fresh_backup: 24h }
  staging: {}
`;

const document = z.record(z.string(), z.unknown());

/** The contract with one value replaced; `undefined` removes it. Keys are joined by dots. */
function changed(path: string, value: unknown): string {
  const root = document.parse(parse(CONTRACT));
  const keys = path.split('.');
  const last = keys.pop() ?? '';
  let parent = root;
  for (const key of keys) {
    const child = document.parse(parent[key]);
    parent[key] = child;
    parent = child;
  }
  parent[last] = value;
  return stringify(root);
}

/** What the refusal says; fails when there is none. */
function complaint(text: string): string {
  try {
    parseConfig(text, 'twokey.yml');
  } catch (error) {
    if (error instanceof CodedError && error.code === 'bad_configuration') return error.message;
    throw error;
  }
  throw new Error('it was accepted');
}

describe('the contract', () => {
  it('parses as it is written', () => {
    const config = parseConfig(CONTRACT, 'twokey.yml');
    expect(config.slack).toEqual({
      command: '/ops',
      messages_per_second: 0.9,
      channels: { operations: 'C0OPS', alerts: 'C0ALERT', reports: 'C0REPORT', audit: 'C0AUDIT' },
    });
    expect(config.roles.operator).toEqual(['U0REQ', 'S0OPER']);
    expect(config.policy.production).toEqual({
      calendar: 'office',
      quorum: 2,
      requester_counts: false,
      decide_within: 3_600_000,
      start_within: 14_400_000,
      emergency: true,
      fresh_backup: 86_400_000,
      totp: 'optional',
      standing_approval: 90 * 86_400_000,
    });
    expect(config.calendars.office?.working_hours).toEqual([
      ...Array.from({ length: 4 }, () => [{ from: 540, to: 1080 }]),
      [{ from: 540, to: 960 }],
      [],
      [],
    ]);
  });

  it('gives an environment that says nothing the same defaults', () => {
    const { policy } = parseConfig(CONTRACT, 'twokey.yml');
    expect({ ...policy.staging, calendar: 'office' }).toEqual(policy.production);
  });

  it('is frozen, all the way down', () => {
    const config = parseConfig(CONTRACT, 'twokey.yml');
    expect(Object.isFrozen(config.roles.admin)).toBe(true);
    expect(() => Object.assign(config.policy.production ?? {}, { quorum: 1 })).toThrow(TypeError);
  });
});

describe('the example file', () => {
  const example = readFileSync(new URL('../../../twokey.example.yml', import.meta.url), 'utf8');

  it('parses, and says the same as the contract', () => {
    expect(parseConfig(example, 'twokey.example.yml')).toEqual(parseConfig(CONTRACT, 'twokey.yml'));
  });

  it('explains every section', () => {
    for (const section of ['slack:', 'roles:', 'calendars:', 'policy:']) {
      const before =
        example
          .slice(0, example.indexOf(`\n${section}`))
          .split('\n')
          .at(-1) ?? '';
      if (section !== 'slack:') expect(before, section).toMatch(/^# /);
    }
  });
});

describe('a file', () => {
  it('that is not there is refused with what to do', () => {
    expect(() => loadConfig('/nowhere/twokey.yml')).toThrow(
      expect.objectContaining({
        code: 'bad_configuration',
        message: expect.stringContaining('/nowhere/twokey.yml'),
        next: expect.stringContaining('twokey.example.yml'),
      }),
    );
  });

  it('is read', () => {
    const folder = mkdtempSync(join(tmpdir(), 'twokey-config-'));
    try {
      const file = join(folder, 'twokey.yml');
      writeFileSync(file, CONTRACT);
      expect(loadConfig(file)).toEqual(parseConfig(CONTRACT, file));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it.each([
    ['that is empty', '', 'twokey.yml is not right'],
    ['that is not YAML', 'slack: [', 'twokey.yml is not YAML'],
    ['that says a thing twice', `${CONTRACT}policy: {}\n`, 'twokey.yml is not YAML'],
    ['that is a list', '- a\n', 'twokey.yml is not right'],
  ])('%s is refused', (_name, text, said) => {
    expect(complaint(text)).toContain(said);
  });
});

describe('a key that is not known is refused by its name', () => {
  it.each([
    'tokens',
    'slack.chanels',
    'slack.channels.oprations',
    'roles.approvers',
    'calendars.office.hours',
    'calendars.office.holidays.state',
    'policy.production.quorums',
    'policy.staging.approvals',
  ])('%s', (path) => {
    expect(complaint(changed(path, 'x'))).toContain(path.split('.').at(-1));
  });
});

describe('a bad value is refused with its place and what would be right', () => {
  it.each<[string, unknown, string]>([
    ['slack.command', 'ops', 'slack.command'],
    ['slack.channels.operations', '#operations', 'a Slack channel id'],
    ['slack.channels.operations', undefined, 'slack.channels.operations'],
    ['roles.approver', ['anna'], 'a Slack user id'],
    ['policy.production.totp', 'sometimes', 'policy.production.totp'],
    ['roles.admin', 'U0ADM', 'roles.admin'],
    ['calendars.office.timezone', 'Berlin', 'not an IANA time zone'],
    ['calendars.office.working_hours', { monday: '09:00-18:00' }, '"monday" is not a weekday'],
    ['calendars.office.working_hours', { 'mon-': '09:00-18:00' }, '"mon-" is not a weekday'],
    ['calendars.office.working_hours', { mon: '9-18' }, '"9-18" is not a span'],
    ['calendars.office.working_hours', { mon: '09:00-24:30' }, '"09:00-24:30" is not a span'],
    ['calendars.office.working_hours', { mon: '09:60-18:00' }, '"09:60-18:00" is not a span'],
    ['calendars.office.working_hours', { mon: '09:00-09:00' }, '"09:00-09:00" is not a span'],
    ['calendars.office.working_hours', { mon: ['09:00-12:00', 'noon'] }, '"noon" is not a span'],
    ['calendars.office.holidays', { country: 'UK' }, 'no holidays are known for "UK"'],
    ['calendars.office.holidays', { country: 'DE', region: 'XX' }, 'no region "XX"'],
    ['calendars.office.holidays', { region: 'BE' }, 'no region "BE"'],
    ['calendars.office.holidays', { extra: ['2026-02-29'] }, 'extra'],
    ['calendars.office.freezes', [{ from: '2026-12-20', to: '2026-12-21T00:00', reason: 'x' }], 'from'],
    ['calendars.office.freezes', [{ from: '2026-12-20T00:00Z', to: '2026-12-21T00:00', reason: 'x' }], 'from'],
    [
      'calendars.office.freezes',
      [{ from: '2026-12-21T00:00', to: '2026-12-20T00:00', reason: 'x' }],
      'has to end after',
    ],
    ['calendars.office.freezes', [{ from: '2026-12-20T00:00', to: '2026-12-21T00:00', reason: '' }], 'reason'],
    ['policy.production.quorum', 0, 'policy.production.quorum'],
    ['policy.production.quorum', 1.5, 'policy.production.quorum'],
    ['policy.production.quorum', '2', 'policy.production.quorum'],
    ['policy.production.decide_within', '1 hour', 'a duration is a whole number'],
    ['policy.production.start_within', 240, 'policy.production.start_within'],
    ['policy.production.requester_counts', 'no', 'policy.production.requester_counts'],
    ['policy.production.calendar', 'offce', 'there is no calendar "offce"'],
    ['policy.production.calendar', 'constructor', 'there is no calendar "constructor"'],
    ['policy.staging.calendar', 'office2', 'there is no calendar "office2"'],
    ['policy.production.calendar', undefined, 'production needs a calendar'],
    ['policy.production', undefined, 'policy'],
    ['policy', { staging: {} }, 'the policy of production is missing'],
  ])('%s: %j', (path, value, said) => {
    const message = complaint(changed(path, value));
    expect(message).toContain('twokey.yml is not right');
    expect(message).toContain(said);
  });
});

describe('working hours', () => {
  const week = (hours: Record<string, unknown>) =>
    parseConfig(changed('calendars.office.working_hours', hours), 'x').calendars.office?.working_hours;

  it('take ranges that run over the weekend', () => {
    expect(week({ 'sat-mon': '10:00-12:00' })?.map((spans) => spans.length)).toEqual([1, 0, 0, 0, 0, 1, 1]);
    expect(week({ 'mon-sun': '00:00-24:00' })).toEqual(Array.from({ length: 7 }, () => [{ from: 0, to: 1440 }]));
  });

  it('over midnight end after 24:00', () => {
    expect(week({ mon: '22:00-06:00' })?.[0]).toEqual([{ from: 1320, to: 1800 }]);
  });
});
