import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Lab, shown, startLab } from '../../support/lab.ts';
import { until } from '../../support/until.ts';

describe('P1 a production backup outside working hours', () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await startLab();
    await lab.bot();
  });
  afterAll(() => lab[Symbol.asyncDispose]());

  it('waits for two approvals, says why, runs, and ends with a backup on the host', async () => {
    const id = await lab.request('/ops backup acme');
    const card = await lab.untilState(id, 'awaiting approval');
    expect(shown(card)).toContain('0 of 2 approvals. This is outside working hours.');
    await lab.approve(id);
    const done = await lab.untilState(id, ['succeeded', 'failed', 'lost']);
    expect(done.text).toContain('succeeded');
    expect(shown(done)).toMatch(/Path.*db_backup\/acme-\d{8}T\d{6}Z-8\.1\.0/);
    expect(shown(done)).toMatch(/sha256.*[0-9a-f]{64}/);
    const thread = await until('the log file', () => {
      const replies = lab.operator.thread(done.channel, done.ts);
      return replies.some((reply) => reply.files.length > 0) ? replies : null;
    });
    expect(thread.map(shown).join('\n')).toContain('pg_dump: saving database definition');
    expect(lab.workspace.journal.violations).toEqual([]);
  });
});
