import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadCommands } from '../../../commands/index.ts';
import { dutyDocument } from '../../../src/estate/duty.ts';
import { dutiesOf, loadDutyLists } from '../../../src/estate/duty-lists.ts';
import { loadProfiles } from '../../../src/estate/profile-load.ts';

const profiles = loadProfiles('/nowhere');
const lists = loadDutyLists('/nowhere', profiles);
const commands = new Set((await loadCommands()).map((one) => one.name));

describe('the shipped lists of duties', () => {
  it('are there for every shipped profile', () => {
    expect(profiles.size).toBe(8);
    expect([...lists.keys()].sort()).toEqual(['commcare', 'flow-production-tracking', 'generic', 'karl']);
  });

  it.each([...profiles.keys()])('of %s name who is accountable for each item, each item once', (name) => {
    const { profile } = profiles.get(name) ?? expect.fail();
    const duties = dutiesOf(profile, lists);
    expect(duties.length).toBeGreaterThanOrEqual(15);
    expect(new Set(duties.map((one) => one.item)).size).toBe(duties.length);
    for (const duty of duties) expect(duty.accountable).toMatch(/^[a-z][a-z ]+$/);
  });

  it.each([...lists.keys()])('%s promise nothing that is not there: what is not planned exists', (name) => {
    for (const { covers } of lists.get(name) ?? expect.fail())
      for (const { command, check, schedule, planned } of covers) {
        if (planned) continue;
        // Nothing is checked or scheduled yet.
        expect({ check, schedule }).toEqual({ check: undefined, schedule: undefined });
        expect([...commands]).toContain(command);
      }
  });

  it('say of Flow Production Tracking what is the vendor’s, and that failover is nobody’s', () => {
    const duties = lists.get('flow-production-tracking') ?? expect.fail();
    const of = (who: string) => duties.filter((one) => one.accountable === who).map((one) => one.item);
    expect(of('vendor')).toEqual(['source', 'containers']);
    expect(of('nobody')).toEqual(['failover']);
    expect(of('customer')).toEqual(expect.arrayContaining(['hardware', 'load-balancer', 'db-backup', 'media-backup']));
  });

  it('add KARL’s single-instance jobs with what is to cover them', () => {
    const { profile } = profiles.get('karl') ?? expect.fail();
    const jobs = dutiesOf(profile, lists).filter((one) => one.area === 'scheduled jobs');
    expect(jobs.map((one) => one.item)).toEqual([
      'job-digest',
      'job-mailin',
      'job-mailout',
      'job-feeds',
      'job-usersync',
    ]);
    for (const job of jobs) expect(job.covers).toEqual([{ check: 'job.fresh', planned: true }]);
  });
});

describe('a list that is not right', () => {
  const good = { source: 'x', duties: [{ item: 'a', area: 'b', title: 'c', accountable: 'customer' }] };
  it.each([
    ['an unknown key', { duties: [{ ...good.duties[0], acountable: 'x' }] }],
    ['an item twice', { duties: [good.duties[0], good.duties[0]] }],
    ['nobody accountable', { duties: [{ item: 'a', area: 'b', title: 'c' }] }],
    ['a cover that is two things', { duties: [{ ...good.duties[0], covers: [{ check: 'a', command: 'b' }] }] }],
    ['evidence nobody knows', { duties: [{ ...good.duties[0], evidence: 'moon.phase' }] }],
    ['two lines in a title', { duties: [{ ...good.duties[0], title: 'a\nb' }] }],
  ])('is refused: %s', (_what, change) => {
    expect(dutyDocument.safeParse(good).success).toBe(true);
    expect(dutyDocument.safeParse({ ...good, ...change }).success).toBe(false);
  });

  it('keeps Twokey from starting, as one with a shipped name and a profile that names none do', () => {
    const home = mkdtempSync(join(tmpdir(), 'twokey-duties-'));
    const write = (folder: string, file: string, text: string) => {
      mkdirSync(join(home, folder), { recursive: true });
      writeFileSync(join(home, folder, file), text);
    };
    try {
      write('duties', 'acme.yml', 'source: us\nduties: [{ item: a, area: b, title: c, accountable: customer }]\n');
      write('profiles', 'acme.yml', 'name: acme\ntitle: Acme\nextends: compose\nduties: acme\n');
      expect(loadDutyLists(home, loadProfiles(home)).get('acme')).toHaveLength(1);
      write('profiles', 'acme.yml', 'name: acme\ntitle: Acme\nextends: compose\nduties: acmee\n');
      expect(() => loadDutyLists(home, loadProfiles(home))).toThrow('Did you mean "acme"?');
      write('duties', 'karl.yml', 'source: us\nduties: [{ item: a, area: b, title: c, accountable: customer }]\n');
      expect(() => loadDutyLists(home, profiles)).toThrow('is shipped with Twokey');
      rmSync(join(home, 'duties', 'karl.yml'));
      write('duties', 'acme.yml', 'source: us\nduties: []\n');
      expect(() => loadDutyLists(home, profiles)).toThrow(/acme\.yml is not right/);
    } finally {
      rmSync(home, { recursive: true });
    }
  });
});
