import { describe, expect, it } from 'vitest';
import { type Duty, dutyDocument, EVIDENCE_NAMES, type EvidenceName } from '../../../src/estate/duty.ts';
import { loadProfiles } from '../../../src/estate/profile-load.ts';
import { coverInWords, dutyMatrix, findDuty } from '../../../src/operations/duties.ts';
import { type DutyFacts, evidenceOf } from '../../../src/operations/duty-evidence.ts';
import { policyOf } from '../../../src/operations/site-policy.ts';
import { config, estate, hostInput, later, operation, siteInput, T0 } from '../../support/builders.ts';

const profiles = loadProfiles('/nowhere');
const profile = (name: string) => profiles.get(name)?.profile ?? expect.fail();
const its = estate([hostInput('db1')], [siteInput('acme', 'db1')]);
const acme = its.sites.get('acme') ?? expect.fail();
const backup = (minutesAgo: number) => {
  const base = operation({ state: 'succeeded', command: 'backup', endedAt: T0 });
  const verify = { ...(base.plan.steps[0] ?? expect.fail()), step: 'db.verify' };
  return { ...base, plan: { ...base.plan, steps: [verify] }, endedAt: new Date(T0.getTime() - minutesAgo * 60_000) };
};
const facts = (change: Partial<DutyFacts> = {}): DutyFacts => ({
  site: acme,
  profile: profile('compose'),
  policy: policyOf(config, its, acme, []),
  now: T0,
  operations: [],
  approvers: ['U0APA', 'U0APB', 'U0APC'],
  openReviews: 0,
  ...change,
});

const unpinned = { ...acme, hostOf: { ...acme.hostOf, host_keys: [] } };
const pinned = { ...acme, hostOf: { ...acme.hostOf, host_keys: ['ssh-ed25519 AAAA'] } };
const closed = { ...unpinned, hostOf: { ...unpinned.hostOf, shell: 'none' as const } };
const vouched = { ...unpinned, hostOf: { ...unpinned.hostOf, host_ca: ['ssh-ed25519 AAAA'] } };
const unverified = { ...backup(10), plan: { ...backup(10).plan, steps: [] } };
const TABLE: [EvidenceName | undefined, Partial<DutyFacts>, string, RegExp][] = [
  [undefined, {}, 'unknown', /^nothing tells Twokey$/],
  ['backup.verified', {}, 'bad', /^Twokey has made no backup$/],
  ['backup.verified', { operations: [backup(90)] }, 'ok', /^the last verified one is 1 h 30 min old$/],
  ['backup.verified', { operations: [backup(60 * 30)] }, 'bad', /old, more than /],
  ['backup.verified', { operations: [unverified] }, 'bad', /^none among the last 1 operations$/],
  ['backup.verified', { operations: [{ ...backup(5), state: 'failed' }] }, 'bad', /none among/],
  ['backup.verified', { operations: [{ ...backup(5), command: 'restore' }] }, 'bad', /none among/],
  ['backup.verified', { operations: [{ ...backup(5), state: 'failed' }, backup(10)] }, 'ok', /10 min 00 s old/],
  ['approvers.pool', {}, 'ok', /^3 may approve, 2 have to agree$/],
  ['approvers.pool', { approvers: ['a', 'b'] }, 'bad', /too few when one of them asks$/],
  ['approvers.pool', { approvers: ['a'] }, 'bad', /^1 may approve, 2 have to agree$/],
  ['host.keys', { site: unpinned }, 'bad', /^none is pinned for db1$/],
  ['host.keys', { site: pinned }, 'ok', /^1 pinned for db1$/],
  ['host.keys', { site: closed }, 'unknown', /never connects/],
  ['host.keys', { site: vouched }, 'ok', /^1 authorities vouch/],
  ['backup.coverage', {}, 'ok', /^2 of 2 datastores have a way of backup$/],
  ['backup.coverage', { profile: profile('commcare') }, 'ok', /^3 of 7 .*reasons for none: elasticsearch, kafka/],
  ['profile.commands', {}, 'bad', /not set: migrate, migrate_pending_probe$/],
  ['profile.commands', { profile: profile('script') }, 'ok', /^every command is set$/],
  ['reviews.closed', {}, 'ok', /no review/],
  ['reviews.closed', { openReviews: 2 }, 'bad', /^2 reviews are open$/],
  ['signoff.list', {}, 'bad', /no checklist/],
  ['signoff.list', { profile: profile('karl') }, 'unknown', /checklist of 4 .*nobody records/],
  ['calendar.hours', {}, 'ok', /^a calendar holds, in /],
  ['calendar.hours', { policy: { ...facts().policy, calendar: null } }, 'bad', /^no calendar/],
  ['calendar.hours', { policy: { ...facts().policy, calendar: null, asProduction: false } }, 'ok', /none is needed/],
  ['calendar.hours', { policy: { ...facts().policy, problem: 'It names none.' } }, 'bad', /^It names none\.$/],
];

describe('evidence', () => {
  it.each(TABLE)('%s of %o is %s', (name, change, state, words) => {
    const evidence = evidenceOf(name, facts(change));
    expect(evidence.state).toBe(state);
    expect(evidence.words).toMatch(words);
  });

  it('has a row in this table for each name, and both a good and another one', () => {
    for (const name of EVIDENCE_NAMES) {
      const states = new Set(TABLE.filter(([one]) => one === name).map(([, , state]) => state));
      if (name !== 'backup.coverage') expect([name, states.size > 1]).toEqual([name, true]);
    }
  });
});

const DUTIES: readonly Duty[] = dutyDocument.parse({
  source: 'a test',
  duties: [
    { item: 'os', area: 'a', title: 'OS', accountable: 'customer' },
    { item: 'source', area: 'a', title: 'Source', accountable: 'vendor' },
    { item: 'backup', area: 'b', title: 'Backup', accountable: 'customer', evidence: 'backup.verified' },
    { item: 'mail', area: 'b', title: 'Mail', accountable: 'nobody' },
    { item: 'review', area: 'b', title: 'Review', accountable: 'nobody', evidence: 'reviews.closed' },
  ],
}).duties;

describe('the matrix', () => {
  it('puts what nobody owns first, the bad before the unknown before the good', () => {
    const rows = dutyMatrix(DUTIES, [], facts());
    expect(rows.map((row) => [row.duty.item, row.hasOwner, row.evidence.state])).toEqual([
      ['backup', false, 'bad'],
      ['os', false, 'unknown'],
      ['mail', false, 'unknown'],
      ['review', false, 'ok'],
      ['source', true, 'unknown'],
    ]);
  });

  it('a named owner is one, also of what nobody was accountable for; the vendor needs no name', () => {
    const owned = (item: string) =>
      ({ item, owner: { kind: 'words', words: 'IT' }, by: 'U0REQ', at: later(1) }) as const;
    const rows = dutyMatrix(DUTIES, [owned('mail'), owned('gone')], facts());
    expect(rows.filter((row) => row.hasOwner).map((row) => row.duty.item)).toEqual(['source', 'mail']);
    expect(rows).toHaveLength(DUTIES.length);
  });

  it('is asked by name, with the nearest one where there is none', () => {
    expect(findDuty(DUTIES, 'mail', 'acme')).toMatchObject({ ok: true });
    expect(findDuty(DUTIES, 'mial', 'acme')).toMatchObject({
      error: { code: 'unknown_duty', message: 'acme has no duty "mial". Did you mean `mail`?' },
    });
  });

  it('says of a cover what it is, and that it is planned', () => {
    expect(coverInWords({ check: 'fs.space', planned: true })).toBe('check fs.space (planned)');
    expect(coverInWords({ command: 'backup', planned: false })).toBe('command backup');
    expect(coverInWords({ schedule: 'backup', planned: false })).toBe('schedule backup');
  });
});
