import { readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sleep } from '../../../src/kernel/clock.ts';
import type { Bot } from '../../support/bot.ts';
import { type Lab, shown, startLab } from '../../support/lab.ts';
import { alive } from '../../support/processes.ts';
import {
  auditOf,
  backupsOf,
  jobsOf,
  journalOf,
  numberedLines,
  ordered,
  printed,
  shownOutput,
  unlessVersion,
  untilLogged,
  untilPrinted,
} from '../../support/story.ts';
import { until } from '../../support/until.ts';

const FINGERPRINT = /SHA256:[A-Za-z0-9+/]{43}/g;

describe('P3 P5 P8 P10 hosts on a bad day', () => {
  let lab: Lab;
  let bot: Bot;
  const SLOW = unlessVersion(numberedLines(120, 0.03));
  beforeAll(async () => {
    lab = await startLab();
    bot = await lab.bot();
  });
  afterAll(async () => {
    expect(lab.workspace.journal.violations).toEqual([]);
    await lab[Symbol.asyncDispose]();
  });
  const refused = async (line: string, why: RegExp) => {
    await lab.operator.slash(line);
    return shown(await lab.told(lab.operator, why));
  };
  async function expectByteExact(id: string): Promise<void> {
    const jid = `${id}-2-1`;
    const thread = await untilLogged(lab, id);
    const out = await printed(lab, jid);
    expect(out.toString()).toContain('Zeile № 0120');
    expect((await journalOf(lab, jid)).equals(out)).toBe(true);
    expect(shownOutput(thread, jid).toString()).toBe(out.toString());
  }
  const pins = (keys: readonly string[]) =>
    lab.rows(`update twokey.host set document = jsonb_set(document, '{host_keys}', $1) where name = 'acme-app'`, [
      JSON.stringify(keys),
    ]);

  it('down before the start: the card says so and waits; it starts when the host is back', async () => {
    await lab.tools({});
    const id = await ordered(lab);
    await lab.sshd.stop();
    await lab.approve(id);
    const waiting = await until('the card says why', async () => {
      const card = await lab.card(id);
      return card.text.includes('cannot be reached') ? card : null;
    });
    expect(waiting.text).toContain(': queued.');
    expect(shown(waiting)).toContain('acme-app');
    expect(await refused('/ops backup acme', /acme-app .*cannot be reached/)).toContain(
      '*Next:* Check that the host is up',
    );
    await lab.sshd.restart();
    const done = await lab.untilState(id, 'succeeded');
    expect(shown(done)).not.toContain('cannot be reached');
  });

  it('the link is cut again and again in the middle of the output: it goes on at the right byte', async () => {
    await lab.tools({ pg_dump: SLOW });
    const id = await ordered(lab);
    await lab.approve(id);
    const jid = `${id}-2-1`;
    let before = 0;
    for (const line of ['0015', '0035', '0055', '0075']) {
      await untilPrinted(lab, jid, `Zeile № ${line}`);
      await until('the journal goes on', async () => (await journalOf(lab, jid)).length > before);
      await until('a link is cut', async () => (await lab.sshd.cutConnections()) > 0);
      before = (await journalOf(lab, jid)).length;
    }
    await lab.untilState(id, 'succeeded');
    await expectByteExact(id);
    expect((await jobsOf(lab, id)).filter((one) => one.startsWith(`${id}-2-`))).toEqual([jid]);
  });

  it('down in the middle of the output: the card says unreachable, then goes on', async () => {
    const id = await ordered(lab);
    await lab.approve(id);
    await untilPrinted(lab, `${id}-2-1`, 'Zeile № 0020');
    await lab.sshd.stop();
    const card = await lab.untilState(id, 'unreachable');
    expect(shown(card)).toMatch(/acme-app .*cannot be reached|acme-app: the link was lost/);
    await lab.sshd.restart();
    await lab.untilState(id, 'succeeded');
    const jid = `${id}-2-1`;
    expect((await journalOf(lab, jid)).equals(await printed(lab, jid))).toBe(true);
  });

  it('down, and the bot dies too, and somebody cancels: nothing is guessed until the host is back', async () => {
    await lab.tools({ pg_dump: unlessVersion('echo begun; exec sleep 600') });
    const id = await ordered(lab);
    await lab.approve(id);
    await untilPrinted(lab, `${id}-2-1`, 'begun');
    const group = Number((await readFile(join(lab.sshd.target.base, `${id}-2-1`, 'pgid'), 'utf8')).split(' ')[0]);
    await lab.sshd.stop();
    await bot.kill();
    bot = await lab.bot();
    await lab.untilState(id, 'unreachable');
    await lab.operator.slash(`/ops cancel ${id}`);
    await lab.told(lab.operator, /Its command on the host is being stopped/);
    // Two more attempts to reach the host: each of them could take the silence for an answer.
    const [before] = await lab.rows<{ seq: number }>('select max(seq)::int as seq from twokey.audit');
    await sleep(2_500);
    const after = await lab.rows('select action from twokey.audit where seq > $1 and subject = $2', [before?.seq, id]);
    expect(after).toEqual([]);
    expect((await lab.card(id)).text).toContain(': unreachable.');
    expect(await alive(group)).toBe(true);
    await lab.sshd.restart();
    await lab.untilState(id, 'cancelled');
    expect(await alive(group)).toBe(false);
    expect((await backupsOf(lab)).filter((name) => name.endsWith('.partial'))).toEqual([]);
  });

  it('P5 a host that does not come back: Leave ends the operation as lost and frees the site', async () => {
    await lab.tools({ pg_dump: SLOW });
    const id = await ordered(lab);
    await lab.approve(id);
    await untilPrinted(lab, `${id}-2-1`, 'Zeile № 0015');
    await lab.sshd.stop();
    const away = await lab.untilState(id, 'unreachable');
    expect((await lab.viewer.click('Leave', { in: away })).ok).toBe(true);
    await lab.told(lab.viewer, /Only operators and admins may leave/);
    await lab.operator.click('Leave', { in: away });
    await lab.told(lab.operator, /no longer waited for/);
    const lost = await lab.untilState(id, 'lost', 40_000);
    expect(shown(lost)).toMatch(/Nobody knows how step 2 ended: .* gave up waiting for it/);
    expect(await auditOf(lab, id)).toContain('operation.left');
    await lab.tools({});
    await lab.sshd.restart();
    const next = await ordered(lab);
    await lab.approve(next);
    await lab.untilState(next, 'succeeded', 40_000);
  });

  it('the supervisor is killed: lost is said, with Retry and Leave, and what is left goes with the next backup', async () => {
    await lab.tools({ pg_dump: unlessVersion('echo begun; sleep 600') });
    const before = await backupsOf(lab);
    const id = await ordered(lab);
    await lab.approve(id);
    await untilPrinted(lab, `${id}-2-1`, 'begun');
    const file = (name: string) => readFile(join(lab.sshd.target.base, `${id}-2-1`, name), 'utf8');
    process.kill(Number((await file('pid')).split(' ')[0]), 'SIGKILL');
    const card = await lab.untilState(id, 'lost');
    expect(shown(card)).toContain(
      'Nobody knows how step 2 ended: its supervisor on the host was killed, but the command itself may still be running.',
    );
    expect(shown(card)).toContain('Retry');
    expect(shown(card)).toContain('Leave');
    // A person looks at the host, and ends what is left of it.
    process.kill(-Number((await file('pgid')).split(' ')[0]), 'SIGKILL');
    expect((await backupsOf(lab)).filter((name) => name.endsWith('.partial'))).toHaveLength(1);

    await lab.tools({});
    await lab.operator.click('Retry', { in: card });
    const told = await lab.told(lab.operator, new RegExp(`Operation (?!${id})[0-9a-z]{8} is recorded`));
    const next = await until('another operation', async () => {
      const [row] = await lab.rows<{ id: string }>('select id from twokey.operation order by created_at desc limit 1');
      return row && row.id !== id ? row.id : null;
    });
    expect(told.text).toContain('is recorded');
    await lab.untilState(next, 'awaiting approval');
    await lab.operator.click('Leave', { in: await lab.card(id) });
    await lab.told(lab.operator, /Closed as seen by you/);
    const closed = await until('the card is closed', async () => {
      const now = await lab.card(id);
      return shown(now).includes('Closed as seen by') ? now : null;
    });
    expect(closed.text).toContain(': lost.');
    expect(shown(closed)).not.toContain('Leave to close');
    expect(await auditOf(lab, id)).toEqual(expect.arrayContaining(['step.lost 2', 'operation.lost', 'operation.seen']));

    await lab.approve(next);
    await lab.untilState(next, 'succeeded');
    const now = await backupsOf(lab);
    expect(now.filter((name) => name.endsWith('.partial'))).toEqual([]);
    expect(now).toHaveLength(before.length + 1);
    expect((await journalOf(lab, `${next}-1-1`)).toString()).toContain(
      'removing the left-over of an unfinished backup',
    );
  });

  it('the site folder is missing: refused, or failed when it went away after the request; nothing runs', async () => {
    const id = await ordered(lab);
    await rename(lab.siteDir, `${lab.siteDir}.away`);
    expect(await refused('/ops backup acme', /is not there or cannot be written/)).toContain('Correct `site_dir`');
    await lab.approve(id);
    expect(shown(await lab.untilState(id, 'failed'))).toContain('is not there or cannot be written on acme-app');
    expect(await jobsOf(lab, id)).toEqual([]);
    await rename(`${lab.siteDir}.away`, lab.siteDir);
  });

  it('the host key is not pinned, or has changed: refused with both fingerprints, nothing runs', async () => {
    const id = await ordered(lab);
    const old = [...lab.sshd.target.hostKeys];
    await lab.sshd.changeHostKey();
    await lab.sshd.restart();
    const said = await refused('/ops backup acme', /presents the key/);
    expect(new Set(said.match(FINGERPRINT))).toHaveProperty('size', 2);
    expect(said).toContain('Find out why the key changed');
    await lab.approve(id);
    const failed = shown(await lab.untilState(id, 'failed'));
    expect(new Set(failed.match(FINGERPRINT))).toHaveProperty('size', 2);
    expect(await jobsOf(lab, id)).toEqual([]);

    await pins([]);
    expect(await refused('/ops backup acme', /[Nn]o (host )?key|not pinned|no pinned/)).toContain('Pin the host key');
    const fresh = (await readFile(join(lab.sshd.dir, 'host_key.pub'), 'utf8')).split(' ').slice(0, 2).join(' ');
    expect(old).not.toContain(fresh);
    await pins([fresh]);
    const next = await ordered(lab);
    await lab.approve(next);
    await lab.untilState(next, 'succeeded');
  });
});
