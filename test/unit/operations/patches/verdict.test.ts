import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { refusal } from '../../../../src/kernel/errors.ts';
import { err, ok } from '../../../../src/kernel/result.ts';
import { type Finding, type HostComparison, PATCH_KINDS } from '../../../../src/operations/patches/finding.ts';
import { overwrittenBy } from '../../../../src/operations/patches/overwritten.ts';
import {
  type Acknowledgement,
  findingsOf,
  judgePatches,
  type PatchReport,
} from '../../../../src/operations/patches/verdict.ts';
import { T0 } from '../../../support/builders.ts';

const release = { product: 'app', version: '8.1.0', sha256: 'a'.repeat(64) };
const finding = (path: string, change: Partial<Finding> = {}): Finding => ({
  host: 'app1',
  path,
  kind: 'modified',
  found: '1'.repeat(64),
  ...change,
});
const comparison = (change: Partial<HostComparison> = {}): HostComparison => ({
  host: 'app1',
  same: 312,
  findings: [],
  behind: 0,
  unread: [],
  trouble: null,
  ...change,
});
const report = (hosts: readonly HostComparison[], last: Acknowledgement | null = null): PatchReport => ({
  site: 'acme',
  release: ok(release),
  hosts,
  last,
});
const differs = (...findings: readonly Finding[]) => report([comparison({ findings })]);
/** What somebody acknowledged of a report. */
function acknowledged(of: PatchReport, change: Partial<Acknowledgement> = {}): Acknowledgement {
  const verdict = judgePatches(of);
  if (verdict.kind !== 'open') throw new Error(`nothing to acknowledge: ${verdict.kind}`);
  const { digest } = verdict;
  return { site: 'acme', release, digest, findings: findingsOf(of), reason: 'known', by: 'U0REQ', at: T0, ...change };
}

describe('R23 the rule for local patches', () => {
  it('finds a site clean on which every file of every host is as shipped', () => {
    const its = report([comparison(), comparison({ host: 'app2', same: 310 })]);
    expect(judgePatches(its)).toEqual({ kind: 'clean' });
    expect(overwrittenBy(its)).toEqual(ok(['Finds every file of app 8.1.0 as shipped: 312 on app1, 310 on app2.']));
  });

  it('P5 takes what differs nearly everywhere for another release, which nobody can acknowledge', () => {
    const many = (n: number) => differs(...Array.from({ length: n }, (_, at) => finding(`app/${at}`)));
    expect(judgePatches(many(10_000)).kind).toBe('open');
    expect(judgePatches(many(10_001))).toMatchObject({ kind: 'unknown', comparable: true });
    expect(overwrittenBy(many(10_001))).toMatchObject({
      ok: false,
      error: { message: expect.stringContaining('10001 files differ'), next: expect.stringContaining('release_dir') },
    });
  });

  it('P10 demands that somebody acknowledges what differs, with the files, what becomes of them and the command', () => {
    const its = differs(finding('app/run'), finding('app/x', { kind: 'missing', found: null }));
    expect(judgePatches(its)).toMatchObject({ kind: 'open', since: null });
    const asked = overwrittenBy(its);
    expect(asked).toMatchObject({
      ok: false,
      error: {
        code: 'patches_open',
        message:
          'An upgrade overwrites these files: app1 app/run (modified), app1 app/x (missing). Nobody has acknowledged that.',
      },
    });
    expect(asked.ok ? '' : asked.error.next).toMatch(/patches acknowledge acme --set [0-9a-f]{12} --reason "…"/);
  });

  it('lets an upgrade go on when this very set was acknowledged, and says so to its approvers', () => {
    const its = differs(finding('app/run'));
    const known = { ...its, last: acknowledged(its) };
    expect(judgePatches(known)).toMatchObject({ kind: 'acknowledged', last: { by: 'U0REQ' } });
    expect(overwrittenBy(known)).toEqual(
      ok([
        `An upgrade overwrites these files: app1 app/run (modified). That is acknowledged (known), set ${known.last.digest.slice(0, 12)}; \`patches acme\` says by whom.`,
      ]),
    );
  });

  it('says which files differ since, where one changed again, came, or went', () => {
    const before = differs(finding('a'), finding('b'), finding('c'));
    const last = acknowledged(before);
    const now = { ...differs(finding('a'), finding('b', { found: '2'.repeat(64) }), finding('d')), last };
    expect(judgePatches(now)).toMatchObject({ kind: 'open', since: ['app1 b', 'app1 c', 'app1 d'] });
    const asked = overwrittenBy(now);
    expect(asked.ok ? '' : asked.error.message).toContain(
      'That was acknowledged, but 3 files differ since: app1 b, app1 c, app1 d.',
    );
  });

  it('does not take over what was acknowledged for another release, not even of the same files', () => {
    const its = differs(finding('a'));
    const other = { ...release, version: '8.0.0', sha256: 'b'.repeat(64) };
    const last = acknowledged({ ...its, release: ok(other) }, { release: other });
    expect(judgePatches({ ...its, last })).toMatchObject({ kind: 'open', since: null });
  });

  it('P5 is in no doubt about doubt: one file, or one host, that was not compared makes it UNKNOWN', () => {
    const acknowledgedSet = acknowledged(differs(finding('a')));
    for (const hosts of [
      [comparison({ findings: [finding('a')], unread: [{ path: 'b', why: 'late' }] })],
      [comparison({ findings: [finding('a')] }), comparison({ host: 'app2', trouble: { why: 'gone', next: 'Look.' } })],
    ] satisfies HostComparison[][]) {
      const its = report(hosts, acknowledgedSet);
      expect(judgePatches(its)).toMatchObject({ kind: 'unknown', comparable: true });
      expect(overwrittenBy(its)).toMatchObject({ ok: false, error: { code: 'precheck_failed' } });
    }
  });

  it('P10 says of doubt how many files of which host, why, and what to do', () => {
    const its = report([
      comparison({
        unread: [
          { path: 'a', why: 'unreadable' },
          { path: 'b', why: 'unreadable' },
          { path: 'c', why: 'late' },
        ],
      }),
    ]);
    expect(judgePatches(its)).toMatchObject({
      why: 'app1: 2 cannot be read, a for one; app1: 1 were not read in time, c for one',
      next: 'Let the account of the host read them.',
    });
  });

  it('where there is nothing to compare with, says so in capitals and leaves it to the approvers', () => {
    const its: PatchReport = { ...report([]), release: err(refusal('unknown_release', 'No such release.', 'Add it.')) };
    expect(judgePatches(its)).toEqual({ kind: 'unknown', comparable: false, why: 'No such release', next: 'Add it.' });
    expect(overwrittenBy(its)).toEqual(
      ok(['It is NOT known whether files were changed locally: No such release. An upgrade overwrites such files.']),
    );
  });

  const anyFinding = fc.record({
    host: fc.constantFrom('app1', 'app2'),
    path: fc.string({ minLength: 1, unit: 'binary' }).map((path) => path.toWellFormed()),
    kind: fc.constantFrom(...PATCH_KINDS),
    found: fc.option(fc.constantFrom('1'.repeat(64), '2'.repeat(64))),
  });
  const anySet = fc.uniqueArray(anyFinding, {
    minLength: 1,
    maxLength: 30,
    selector: ({ host, path }) => `${host} ${path}`,
  });

  it('P2 whatever the order in which hosts tell, the set has one name; another set has another one and other words', () => {
    fc.assert(
      fc.property(anySet, fc.nat(), fc.constantFrom(...PATCH_KINDS), (set, which, kind) => {
        const its = differs(...set);
        const last = acknowledged(its);
        expect(judgePatches({ ...differs(...set.toReversed()), last }).kind).toBe('acknowledged');
        const at = which % set.length;
        const changed = set.map((one, index) => (index === at ? { ...one, kind, found: '3'.repeat(64) } : one));
        const fewer = set.filter((_, index) => index !== at);
        for (const other of [changed, [...set, finding('\u0001 one more', { host: 'app3' })], fewer]) {
          const now = { ...differs(...other), last };
          if (other.length === 0) continue;
          expect(judgePatches(now)).toMatchObject({ kind: 'open' });
          // Acknowledged anew, it is another plan, though a sentence names only the first ten.
          expect(overwrittenBy({ ...now, last: acknowledged(now) })).not.toEqual(overwrittenBy({ ...its, last }));
        }
      }),
    );
  });
});
