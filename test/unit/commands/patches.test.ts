import { describe, expect, it } from 'vitest';
import type { QuestionContext } from '../../../commands/contract/command.ts';
import { command as patches } from '../../../commands/patches.ts';
import { command as acknowledge } from '../../../commands/patches-acknowledge.ts';
import { renderAnswer } from '../../../src/adapters/slack/render/answer.ts';
import { UNSEEN } from '../../../src/estate/parameter.ts';
import { refusal } from '../../../src/kernel/errors.ts';
import { err, ok } from '../../../src/kernel/result.ts';
import type { Finding, HostComparison } from '../../../src/operations/patches/finding.ts';
import type { Patches } from '../../../src/operations/patches/service.ts';
import { type Acknowledgement, judgePatches, type PatchReport } from '../../../src/operations/patches/verdict.ts';
import { T0 } from '../../support/builders.ts';
import { questionContext } from '../../support/question-context.ts';
import { expectSlackTakes, foreignTokens, NASTY } from '../../support/slack-limits.ts';

const release = { product: 'app', version: '8.1.0', sha256: 'a'.repeat(64) };
const finding = (path: string, host = 'acme-app'): Finding => ({ host, path, kind: 'modified', found: '1'.repeat(64) });
const comparison = (change: Partial<HostComparison> = {}): HostComparison => ({
  host: 'acme-app',
  same: 312,
  findings: [],
  behind: 0,
  unread: [],
  trouble: null,
  ...change,
});
const report = (change: Partial<HostComparison> = {}, last: Acknowledgement | null = null): PatchReport => ({
  site: 'acme',
  release: ok(release),
  hosts: [comparison(change)],
  last,
});
function acknowledgement(of: PatchReport, change: Partial<Acknowledgement> = {}): Acknowledgement {
  const verdict = judgePatches(of);
  const digest = verdict.kind === 'open' ? verdict.digest : '';
  const findings = of.hosts.flatMap((one) => one.findings);
  return { site: 'acme', release, digest, findings, reason: 'ours', by: 'U0APA', at: T0, ...change };
}
const seeing = (
  its: PatchReport,
  recorded: Patches['acknowledge'] = () => Promise.reject(new Error('unasked')),
): QuestionContext => ({
  ...questionContext(),
  patches: { look: () => Promise.resolve(its), acknowledge: recorded },
});
async function shown(its: PatchReport) {
  const answer = await patches.answer({ site: 'acme' }, seeing(its));
  if (!answer.ok) throw new Error(answer.error.message);
  const message = renderAnswer(answer.value);
  return { answer: answer.value, message, text: JSON.stringify(message.blocks) };
}

describe('/ops patches', () => {
  it('is short when every file is as shipped', async () => {
    const { answer, message, text } = await shown(report());
    expect(answer.summary).toBe('Every file of app 8.1.0 is as shipped: 312 on acme-app.');
    expect(text).toContain('Files that the release does not ship are not looked at.');
    expect(message.blocks).toHaveLength(2);
    expect(answer.file).toBeUndefined();
  });

  it('P10 lists what differs, says that an upgrade is refused, and offers the command', async () => {
    const { answer, text } = await shown(report({ same: 310, findings: [finding('app/run')], behind: 2 }));
    expect(answer.summary).toBe('1 file of app 8.1.0 differs at acme, which nobody has acknowledged.');
    expect(text).toContain('310 as shipped, 1 not, 2 behind folders that are links and not looked at');
    expect(text).toContain('acme-app `app/run` modified');
    expect(text).toMatch(/`\/ops patches acknowledge acme --set [0-9a-f]{12} --reason \\"…\\"`/);
    expect(text).toContain('An upgrade is refused as long as this stands.');
  });

  it('says who acknowledged this very set, when and why', async () => {
    const its = report({ findings: [finding('app/run')] });
    const { answer, text } = await shown({ ...its, last: acknowledgement(its) });
    expect(answer.summary).toBe('1 file of app 8.1.0 differs at acme, which is acknowledged.');
    expect(text).toMatch(/Acknowledged by <@U0APA> <!date\^\d+[^>]+>: ours \(set `[0-9a-f]{12}`\)/);
    expect(text).not.toContain('is refused');
  });

  it('says which files differ since, when the set is another one', async () => {
    const its = report({ findings: [finding('app/run')] });
    const last = acknowledgement(its);
    const { text } = await shown(report({ findings: [finding('app/run'), finding('app/more')] }, last));
    expect(text).toContain('1 file differs since: acme-app app/more.');
    expect(text).toMatch(/To acknowledge this set: `\/ops patches/);
  });

  it('P5 says UNKNOWN with the reason and the next step, and offers no acknowledgement', async () => {
    const { answer, text } = await shown(report({ findings: [finding('a')], unread: [{ path: 'b', why: 'late' }] }));
    expect(answer.summary).toBe('UNKNOWN: not every file of app 8.1.0 could be compared at acme.');
    expect(text).toContain('*UNKNOWN*: 1 were not read in time, b for one');
    expect(text).toContain('*Next:* ');
    expect(text).not.toContain('patches acknowledge');
    const away = await shown(report({ trouble: { why: 'acme-app cannot be reached', next: 'Look at it.' } }));
    expect(away.text).toMatch(/\*UNKNOWN\*: acme-app cannot be reached[\s\S]*Look at it\./);
  });

  it('is refused with the reason where there is nothing to compare with', async () => {
    const why = err(refusal('unknown_release', 'acme runs app 8.1.0, and Twokey has no such release.', 'Add it.'));
    expect(await patches.answer({ site: 'acme' }, seeing({ ...report(), hosts: [], release: why }))).toEqual(why);
  });

  it('at the greatest size counts all, names the first, and hands the rest over as a file', async () => {
    const cut: string[] = [];
    for (const nasty of NASTY) {
      const path = nasty.replaceAll('\n', ' ').slice(0, 1_000) || 'x';
      const findings = Array.from({ length: 50 }, (_, index) => finding(`${index}/${path}`));
      const last = { ...acknowledgement(report({ findings: [finding(path)] })), reason: path.slice(0, 200) };
      const { answer, message, text } = await shown(report({ findings }, last));
      expectSlackTakes(message);
      expect(foreignTokens(message)).toEqual([]);
      expect(answer.summary).toContain('50 files');
      // As many as a message holds; whatever is left is in the file, and without a rest there is none.
      const left = /(\d+) more are in the file/.exec(text)?.[1];
      expect(answer.file === undefined).toBe(left === undefined);
      expect(text).toContain('patches acknowledge acme');
      if (answer.file) cut.push(answer.file.text);
    }
    expect(cut.length).toBeGreaterThan(0);
    for (const file of cut) expect(file.split('\n')).toHaveLength(51);
  });

  it('P10 offers the command also where many hosts differ in long names', async () => {
    // No path that is compared holds a character that nobody can see.
    for (const nasty of NASTY) {
      const path = nasty.replaceAll(new RegExp(UNSEEN, 'gu'), ' ').slice(0, 1_000) || 'x';
      const hosts = Array.from({ length: 60 }, (_, index) => {
        const host = `${index}-${'h'.repeat(50)}`;
        const findings = Array.from({ length: 20 }, (__, file) => finding(`${file}/${path}`, host));
        return comparison({ host, findings });
      });
      const last = { ...acknowledgement(report({ findings: [finding(path)] })), reason: path.slice(0, 200) };
      const { message, text } = await shown({ ...report(), hosts, last });
      expectSlackTakes(message);
      expect(text).toContain('patches acknowledge acme --set');
      expect(text).toContain('An upgrade is refused as long as this stands.');
      expect(text).toMatch(/\d+ more are in the file/);
    }
  });

  it('bounds that file too, and counts what is beyond', async () => {
    const findings = Array.from({ length: 25_000 }, (_, index) => finding(`${index}`));
    const { answer } = await shown(report({ findings }));
    expect(answer.file?.text.split('\n').slice(-2)).toEqual(['and 5000 more', '']);
    expect(answer.file?.text.split('\n')).toHaveLength(20_002);
  });
});

describe('/ops patches acknowledge', () => {
  const args = { site: 'acme', reason: 'ours', set: 'ABCDEF012345' };

  it('compares anew, records for the asker, and says what was acknowledged', async () => {
    const its = report({ findings: [finding('app/run')] });
    const wishes: unknown[] = [];
    const context = seeing(its, (of, wish) => {
      wishes.push(wish);
      return Promise.resolve(ok(acknowledgement(of, { by: wish.by, reason: wish.reason })));
    });
    const answer = await acknowledge.answer(args, context);
    if (!answer.ok) throw new Error(answer.error.message);
    expect(wishes).toEqual([{ set: 'abcdef012345', reason: 'ours', by: 'U0REQ' }]);
    const text = JSON.stringify(renderAnswer(answer.value).blocks);
    expect(text).toMatch(/may overwrite these files, says <@U0REQ>[\s\S]*acme-app `app\/run` modified/);
    expect(
      await acknowledge.answer(
        args,
        seeing(its, () => Promise.resolve(err(refusal('drift', 'no')))),
      ),
    ).toMatchObject({
      ok: false,
    });
  });

  it.each([
    { ...args, reason: ' ' },
    { ...args, set: 'abc' },
    { ...args, set: "'; drop" },
    { site: 'acme', reason: 'x' },
  ])('refuses %j', async (bad) => {
    expect(await acknowledge.answer({ ...bad }, seeing(report()))).toMatchObject({
      ok: false,
      error: { code: 'bad_arguments' },
    });
  });
});
