import { describe, expect, it } from 'vitest';
import { startPair } from './boltApp.ts';

describe('triggers and response URLs', () => {
  const view = { type: 'modal' as const, title: { type: 'plain_text' as const, text: 'x' }, blocks: [] };

  it('takes a trigger once, within its life', async () => {
    let trigger = '';
    await using pair = await startPair(
      'socket',
      (app) => {
        app.command('/ops', async ({ ack, command }) => {
          trigger = command.trigger_id;
          await ack();
        });
      },
      { limits: { triggerMs: 300 } },
    );
    const { client: web } = pair.app;
    await pair.slack.human('operator').slash('/ops x');
    await web.views.open({ trigger_id: trigger, view });
    await expect(web.views.open({ trigger_id: trigger, view })).rejects.toThrow('exchanged_trigger_id');
    await expect(web.views.open({ trigger_id: 'made.up', view })).rejects.toThrow('invalid_trigger_id');
    await expect(
      web.views.open({ trigger_id: trigger, view: { ...view, title: { type: 'plain_text', text: 'x'.repeat(25) } } }),
    ).rejects.toMatchObject({
      data: {
        error: 'invalid_arguments',
        response_metadata: { messages: [expect.stringContaining('/view/title/text')] },
      },
    });
    await pair.slack.human('operator').slash('/ops x');
    const issued = performance.now();
    await pair.slack.human('operator').waitFor(() => performance.now() - issued > 310);
    await expect(web.views.open({ trigger_id: trigger, view })).rejects.toThrow('expired_trigger_id');
  });

  it('takes five answers by one response URL', async () => {
    let url = '';
    await using pair = await startPair('socket', (app) => {
      app.command('/ops', async ({ ack, command }) => {
        url = command.response_url;
        await ack();
      });
    });
    await pair.slack.human('operator').slash('/ops x');
    const post = () =>
      fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"text":"hi"}' });
    for (let n = 0; n < 5; n += 1) expect((await post()).status).toBe(200);
    const sixth = await post();
    expect([sixth.status, await sixth.json()]).toEqual([404, { ok: false, error: 'used_url' }]);
    expect(pair.slack.human('operator').sees()).toHaveLength(5);
    expect(pair.slack.human('viewer').sees()).toHaveLength(0);
  });
});
