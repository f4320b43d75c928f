import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { monotonicMs } from '../../../src/kernel/clock.ts';
import { untilRow } from '../../support/ask.ts';
import type { Bot } from '../../support/bot.ts';
import { holdSite } from '../../support/hold.ts';
import { type Lab, startLab } from '../../support/lab.ts';
import { freePort } from '../../support/postgres.ts';
import { until } from '../../support/until.ts';

describe('health', () => {
  let lab: Lab;
  let bot: Bot;
  let port: string;
  beforeAll(async () => {
    lab = await startLab({ workingHours: 'always' });
    port = String(await freePort());
    bot = await lab.bot({ HTTP_PORT: port });
  });
  afterAll(() => lab[Symbol.asyncDispose]());

  const ready = async () => {
    const answer = await fetch(`${bot.health}/readyz`);
    return { status: answer.status, parts: await answer.json() };
  };
  const untilReady = (status: number, parts: object) =>
    until(
      `/readyz answers ${status}`,
      async () => {
        const now = await ready();
        return now.status === status && JSON.stringify(now.parts) === JSON.stringify(parts);
      },
      20_000,
    );
  const samples = async () => {
    const text = await (await fetch(`${bot.health}/metrics`)).text();
    const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
    for (const line of lines) expect(line).toMatch(/^[a-z_][a-z0-9_]*(\{[^{}]*\})? (-?[\d.e+-]+|NaN|\+Inf)$/i);
    return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.split(' ').at(-1))]));
  };

  it('/healthz says that the process lives, /readyz that all it needs is there', async () => {
    expect(bot.health).toBe(`http://127.0.0.1:${port}`);
    expect((await fetch(`${bot.health}/healthz`)).status).toBe(200);
    expect(await ready()).toEqual({ status: 200, parts: { database: true, slack: true, engine: true } });
    expect((await fetch(`${bot.health}/nothing`)).status).toBe(404);
  });

  it('/readyz turns 503 when Slack is away, and 200 when it is back', async () => {
    lab.workspace.faults.down();
    await untilReady(503, { database: true, slack: false, engine: true });
    expect((await fetch(`${bot.health}/healthz`)).status).toBe(200);
    lab.workspace.faults.up();
    await untilReady(200, { database: true, slack: true, engine: true });
  });

  it('/readyz turns 503 when the database is away, and 200 when it is back', async () => {
    await lab.postgres.kill();
    await untilReady(503, { database: false, slack: true, engine: true });
    expect((await fetch(`${bot.health}/healthz`)).status).toBe(200);
    expect((await samples()).has('process_resident_memory_bytes')).toBe(true);
    await lab.postgres.start();
    await untilReady(200, { database: true, slack: true, engine: true });
  });

  it('P3 SIGTERM leaves in time with 0 while the command on the host goes on; the next start finishes it', async () => {
    const held = await holdSite(lab);
    const next = await lab.request('/ops backup acme');
    const metrics = await samples();
    expect(metrics.get('twokey_operations_active{state="running"}')).toBe(1);
    expect(metrics.get('twokey_ack_seconds_count')).toBeGreaterThan(0);
    const since = monotonicMs();
    expect(await bot.stop()).toBe(0);
    expect(monotonicMs() - since).toBeLessThan(10_000);
    await held.release();
    // As it stands when the process dies between the claim of a run and the engine's note of it; the second in which a
    // backup starts is in its name, so it must not be the other one's.
    await lab.rows(
      `update twokey.operation set state = 'running', started_at = now() + interval '2 seconds' where id = $1`,
      [next],
    );
    bot = await lab.bot({ HTTP_PORT: port });
    expect(await untilRow(lab, held.operation, 'succeeded', 'failed', 'lost')).toBe('succeeded');
    const jobs = await lab.rows<{ jid: string }>('select jid from twokey.job where operation = $1 order by n', [
      held.operation,
    ]);
    expect(jobs.map(({ jid }) => jid)).toEqual([1, 2, 3, 4, 5].map((n) => `${held.operation}-${n}-1`));
    const [started] = await lab.rows<{ n: number }>(
      `select count(*)::int as n from twokey.audit where subject = $1 and action = 'operation.started'`,
      [held.operation],
    );
    expect(started?.n).toBe(1);
    expect(await untilRow(lab, next, 'succeeded', 'failed', 'lost')).toBe('succeeded');
    expect((await samples()).get('twokey_operations_active{state="running"}')).toBeUndefined();
  });

  it('health is served while a start still waits for Slack', async () => {
    expect(await bot.stop()).toBe(0);
    lab.workspace.faults.down();
    const starting = lab.bot({ HTTP_PORT: port });
    starting.catch(() => undefined);
    const parts = await until('/readyz answers', () => ready().catch(() => null), 20_000);
    expect(parts).toEqual({ status: 503, parts: { database: true, slack: false, engine: false } });
    lab.workspace.faults.up();
    bot = await starting;
    await untilReady(200, { database: true, slack: true, engine: true });
    expect(lab.workspace.journal.violations).toEqual([]);
  });
});
