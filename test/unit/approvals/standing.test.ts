import { describe, expect, it } from 'vitest';
import type { Voter } from '../../../approvals/request.ts';
import {
  expiresSoon,
  hashDefinition,
  revokeStanding,
  type Standing,
  standingAtStart,
  standingLapse,
  voteOnStanding,
  withdrawFromStanding,
} from '../../../approvals/standing.ts';
import { later, STANDING_TERMS, standing, voter } from '../../support/builders.ts';

const terms = STANDING_TERMS;
const { definition, rules } = terms;
const DAY = 24 * 60;

const approved = (...people: string[]) =>
  people.map((person) => ({ person, verdict: 'approve', withdrawn: false, steppedUp: false }) as const);
const active = (change: Partial<Standing> = {}) =>
  standing({ state: 'active', expiresAt: later(90 * DAY), votes: approved('U0APA', 'U0APB'), ...change });

const outcome = (judged: ReturnType<typeof voteOnStanding>) =>
  judged.ok ? `${judged.value.kind} ${judged.value.becomes}` : judged.error.code;

describe('P1 votes on a standing approval', () => {
  it.each<[string, Standing, Voter, 'approve' | 'deny', string]>([
    ['the first', standing(), voter('U0APA'), 'approve', 'vote open'],
    ['the one that completes it', standing({ votes: approved('U0APA') }), voter('U0APB'), 'approve', 'vote active'],
    ['the same person again', standing({ votes: approved('U0APA') }), voter('U0APA'), 'approve', 'already_voted'],
    ['the requester', standing(), voter('U0REQ'), 'approve', 'self_approval'],
    ['the requester who counts', standing({ requesterCounts: true }), voter('U0REQ'), 'approve', 'vote open'],
    ['no approver', standing(), voter('U0OUT', { approver: false }), 'approve', 'not_approver'],
    ['a guest', standing(), voter('U0G', { fullMember: false }), 'approve', 'foreign_user'],
    ['a denial', standing({ votes: approved('U0APA') }), voter('U0APB'), 'deny', 'vote denied'],
    ['the requester takes it back', standing(), voter('U0REQ', { approver: false }), 'deny', 'vote denied'],
    ['on an active one', active(), voter('U0APC'), 'approve', 'request_closed'],
    ['a denial of an active one', active(), voter('U0APC'), 'deny', 'request_closed'],
    [
      'on a suspended one',
      active({ state: 'suspended', votes: approved('U0APA') }),
      voter('U0APC'),
      'approve',
      'vote active',
    ],
    ['on one that is too late', standing({ decideBy: later(-1) }), voter('U0APA'), 'approve', 'expire expired'],
    [
      'on a suspended one whose time is over',
      active({ state: 'suspended', expiresAt: later(0) }),
      voter('U0APC'),
      'approve',
      'expire expired',
    ],
    ['on one that has ended', standing({ state: 'void' }), voter('U0APA'), 'approve', 'request_closed'],
  ])('%s', (_name, its, by, verdict, expected) => {
    expect(outcome(voteOnStanding(its, by, verdict, its, later(0)))).toBe(expected);
  });

  it('a vote that is withdrawn suspends an active one, and counts no more', () => {
    expect(outcome(withdrawFromStanding(active(), voter('U0APA'), later(5)))).toBe('withdraw suspended');
    const one = standing({ votes: approved('U0APA') });
    expect(outcome(withdrawFromStanding(one, voter('U0APA'), later(5)))).toBe('withdraw open');
    expect(outcome(withdrawFromStanding(one, voter('U0APB'), later(5)))).toBe('request_closed');
    expect(outcome(withdrawFromStanding(active({ state: 'revoked' }), voter('U0APA'), later(5)))).toBe(
      'request_closed',
    );
  });

  it('any approver or admin revokes it, with a reason', () => {
    const by = (change: object) => ({ ...voter('U0APC'), admin: false, ...change });
    expect(outcome(revokeStanding(active(), by({}), 'why'))).toBe('revoke revoked');
    expect(outcome(revokeStanding(active(), by({ approver: false, admin: true }), 'why'))).toBe('revoke revoked');
    expect(outcome(revokeStanding(active(), by({ approver: false }), 'why'))).toBe('not_allowed');
    expect(outcome(revokeStanding(active(), by({ fullMember: false }), 'why'))).toBe('foreign_user');
    expect(outcome(revokeStanding(active(), by({}), ' '))).toBe('bad_arguments');
    expect(outcome(revokeStanding(active({ state: 'expired' }), by({}), 'why'))).toBe('request_closed');
  });
});

describe('P2 what a standing approval is bound to', () => {
  const everybody = new Map(['U0APA', 'U0APB', 'U0REQ'].map((person) => [person, true]));

  it.each<[string, object]>([
    ['command: backup → restore', { command: 'restore' }],
    ['site: acme → blue', { site: 'blue' }],
    ['cron: 30 2 * * * → 30 3 * * *', { cron: '30 3 * * *' }],
    ['zone: Europe/Berlin → UTC', { zone: 'UTC' }],
    ['argument site: acme → blue', { args: { site: 'blue' } }],
    ['argument folder: (none) → x', { args: { site: 'acme', folder: 'x' } }],
  ])('any change of the definition voids it and is named: %s', (words, change) => {
    const other = { definition: { ...definition, ...change }, rules };
    expect(hashDefinition(other.definition)).not.toBe(hashDefinition(definition));
    for (const its of [active(), standing(), active({ state: 'suspended' })]) {
      const lapse = standingLapse(its, other, later(5));
      expect(lapse).toMatchObject({ kind: 'void', reason: expect.stringContaining(words) });
    }
    expect(outcome(standingAtStart(active(), other, everybody, later(5)))).toBe('void void');
    expect(outcome(voteOnStanding(standing(), voter('U0APA'), 'approve', other, later(5)))).toBe('void void');
  });

  it('so does another policy, and what is not there any more', () => {
    const stricter = { definition, rules: { ...rules, quorum: '3' } };
    expect(standingLapse(active(), stricter, later(5))).toMatchObject({
      reason: expect.stringContaining('quorum: 2 → 3'),
    });
    expect(standingLapse(active(), { definition, rules: {} }, later(5))).toMatchObject({ kind: 'void' });
  });

  it('its hash does not depend on the order of keys', () => {
    const { zone, cron, ...rest } = definition;
    expect(hashDefinition({ zone, cron, ...rest })).toBe(hashDefinition(definition));
  });

  it.each<[string, Standing, Record<string, boolean>, number, string]>([
    ['both still approve', active(), { U0APA: true, U0APB: true }, 5, 'use active'],
    ['one has lost the role', active(), { U0APA: true, U0APB: false }, 5, 'suspend suspended'],
    ['nobody knows one of them', active(), { U0APA: true }, 5, 'suspend suspended'],
    ['its time is over', active(), { U0APA: true, U0APB: true }, 90 * DAY, 'expire expired'],
    ['it is suspended', active({ state: 'suspended' }), { U0APA: true, U0APB: true }, 5, 'request_closed'],
    ['it was never approved', standing(), {}, 5, 'request_closed'],
    ['it was revoked', active({ state: 'revoked' }), { U0APA: true, U0APB: true }, 5, 'request_closed'],
    [
      'the requester counts',
      active({ requesterCounts: true, votes: approved('U0REQ', 'U0APA') }),
      { U0REQ: true, U0APA: true },
      5,
      'use active',
    ],
  ])('at a use: %s', (_name, its, eligible, minute, expected) => {
    expect(outcome(standingAtStart(its, terms, new Map(Object.entries(eligible)), later(minute)))).toBe(expected);
  });

  it('names who may not approve any more, and how many are missing', () => {
    const judged = standingAtStart(active(), terms, new Map([['U0APA', true]]), later(5));
    expect(judged).toMatchObject({
      value: { voided: ['U0APB'], reason: '<@U0APB> may not approve any more, so 1 more to approve.' },
    });
  });

  it('is announced in its last week, while it lives', () => {
    expect(expiresSoon(active(), later(83 * DAY - 1))).toBe(false);
    expect(expiresSoon(active(), later(83 * DAY))).toBe(true);
    expect(expiresSoon(active({ state: 'suspended' }), later(84 * DAY))).toBe(true);
    expect(expiresSoon(active(), later(90 * DAY))).toBe(false);
    expect(expiresSoon(active({ state: 'revoked' }), later(84 * DAY))).toBe(false);
    expect(expiresSoon(standing(), later(84 * DAY))).toBe(false);
  });
});
