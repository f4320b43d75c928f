import { readdir } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Lab, shown, startLab } from '../../support/lab.ts';
import { alive } from '../../support/processes.ts';
import { auditOf, backupsOf, jobsOf, ordered, unlessVersion, untilLogged, untilPrinted } from '../../support/story.ts';
import { until } from '../../support/until.ts';

/** A dump with company: a child that ignores TERM, a grandchild whose parent is gone, one that left the group. */
const COMPANY = unlessVersion(`
sh -c "trap '' TERM; while :; do sleep 0.1; done" &
echo "pid $!"
sh -c 'sleep 600 & echo "pid $!"'
setsid sh -c 'echo "pid $$"; exec sleep 600' &
echo "pid $$"
echo "all are there"
wait`);

describe('P3 P10 cancelling', () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await startLab({ workingHours: 'always' });
    await lab.bot();
  });
  afterAll(async () => {
    expect(lab.workspace.journal.violations).toEqual([]);
    await lab[Symbol.asyncDispose]();
  });
  const row = async (id: string) => {
    const [found] = await lab.rows<{ state: string; started_at: Date | null; ended_at: Date | null }>(
      'select state, started_at, ended_at from twokey.operation where id = $1',
      [id],
    );
    if (!found) throw new Error(`no operation ${id}`);
    return found;
  };

  it('kills all that the command started, cleans up, and only then lets the next one on the site begin', async () => {
    await lab.tools({ pg_dump: COMPANY });
    const first = await ordered(lab);
    const jid = `${first}-2-1`;
    const out = await untilPrinted(lab, jid, 'all are there');
    await until('four pids', async () => (await untilPrinted(lab, jid, 'pid ')).match(/^pid \d+$/gm)?.length === 4);
    const pids = [...(await untilPrinted(lab, jid, 'pid ')).matchAll(/^pid (\d+)$/gm)].map(([, pid]) => Number(pid));
    expect(out).toContain('all are there');
    expect(await Promise.all(pids.map(alive))).toEqual([true, true, true, true]);
    expect((await backupsOf(lab)).filter((name) => name.endsWith('.partial'))).toHaveLength(1);
    await lab.tools({});
    const second = await ordered(lab);
    const third = await ordered(lab);

    const refused = await lab.viewer.click('Cancel', { in: await lab.card(first) });
    expect(refused.ok).toBe(true);
    expect(shown(await lab.told(lab.viewer, /may cancel this/))).toContain(
      'Only the person who asked, an approver or an admin may cancel this.',
    );
    await lab.viewer.slash(`/ops cancel ${first}`);
    await lab.told(lab.viewer, /`?cancel`? is for operator, approver, admin/);
    expect((await row(first)).state).toBe('running');

    await lab.operator.slash(`/ops cancel ${third}`);
    await lab.told(lab.operator, /It was cancelled before it started/);
    await lab.operator.click('Cancel', { in: await lab.card(first) });
    await lab.told(lab.operator, /It is being stopped on the host and cleaned up/);
    const asked = await until('the card says who asked', async () => {
      const card = await lab.card(first);
      return shown(card).includes('asked to cancel it') || card.text.includes('cancelled') ? card : null;
    });
    expect(asked.text).toMatch(/running|cancelled/);

    // Looked at from the database's side: at no time does the second run while anything of the first lives.
    await until(
      'the first has ended',
      async () => {
        const living = (await Promise.all(pids.map(alive))).some(Boolean);
        const [one, two] = await Promise.all([row(first), row(second)]);
        if (living) expect(two.state).toBe('queued');
        return one.state === 'cancelled';
      },
      60_000,
    );
    expect(await Promise.all(pids.map(alive))).toEqual([false, false, false, false]);
    await lab.untilState(second, 'succeeded');
    const [one, two] = await Promise.all([row(first), row(second)]);
    expect(two.started_at?.getTime()).toBeGreaterThanOrEqual(one.ended_at?.getTime() ?? Number.POSITIVE_INFINITY);
    const backups = await backupsOf(lab);
    expect(backups).toHaveLength(1);
    expect(backups[0]).not.toContain('.partial');

    const card = await lab.untilState(first, 'cancelled');
    expect(shown(card)).toContain('It was cancelled and cleaned up.');
    const thread = await untilLogged(lab, first);
    expect(thread.map((reply) => reply.output).join('\n')).toMatch(/removed the unfinished backup acme-.*\.partial/);
    expect(await auditOf(lab, first)).toEqual(
      expect.arrayContaining(['operation.cancel_asked', 'step.cancelled 2', 'step.succeeded 6', 'operation.cancelled']),
    );

    expect(shown(await lab.untilState(third, 'cancelled'))).toContain('It was cancelled before it started.');
    expect(await jobsOf(lab, third)).toEqual([]);
    expect((await row(third)).started_at).toBeNull();
  }, 120_000);

  it('answers when there is nothing to cancel', async () => {
    const ended = (await readdir(lab.sshd.target.base)).find((name) => name.endsWith('-5-1'))?.slice(0, 8) ?? '';
    await lab.operator.slash(`/ops cancel ${ended}`);
    await lab.told(lab.operator, new RegExp(`Operation ${ended} has ended: succeeded`));
    await lab.operator.slash('/ops cancel 00000000');
    await lab.told(lab.operator, /There is no operation .*00000000/);
    expect((await row(ended)).state).toBe('succeeded');
  });
});
