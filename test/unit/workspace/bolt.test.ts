import type { App } from '@slack/bolt';
import { describe, expect, it } from 'vitest';
import { type Mode, startPair } from './boltApp.ts';

const button = (text: string, action: string) => ({
  type: 'button' as const,
  text: { type: 'plain_text' as const, text },
  action_id: action,
  value: 'op-1',
});

const modal = (title: string) => ({
  type: 'modal' as const,
  callback_id: 'backup',
  title: { type: 'plain_text' as const, text: title },
  submit: { type: 'plain_text' as const, text: 'Start' },
  private_metadata: 'kept',
  blocks: [
    {
      type: 'input' as const,
      block_id: 'why',
      label: { type: 'plain_text' as const, text: 'Reason' },
      element: { type: 'plain_text_input' as const, action_id: 'text' },
    },
    {
      type: 'input' as const,
      block_id: 'kind',
      label: { type: 'plain_text' as const, text: 'Kind' },
      element: {
        type: 'static_select' as const,
        action_id: 'choice',
        options: ['full', 'files'].map((value) => ({ text: { type: 'plain_text' as const, text: value }, value })),
      },
    },
  ],
});

const submissions: unknown[] = [];

function register(app: App): void {
  app.command('/ops', async ({ ack, respond, command, client }) => {
    if (command.text === 'modal') {
      await ack();
      await client.views.open({ trigger_id: command.trigger_id, view: modal('Backup') });
      return;
    }
    if (command.text === 'ephemeral') {
      await ack();
      await client.chat.postEphemeral({ channel: command.channel_id, user: command.user_id, text: 'for you only' });
      return;
    }
    if (command.text === 'card') {
      await ack();
      await client.chat.postMessage({
        channel: command.channel_id,
        text: 'card',
        metadata: { event_type: 'operation', event_payload: { id: 'op-1' } },
        blocks: [{ type: 'actions', elements: [button('Approve', 'approve'), button('Deny', 'deny')] }],
      });
      return;
    }
    await ack(`heard ${command.text} from ${command.user_name}`);
    await respond({ text: 'later', response_type: 'in_channel' });
  });
  app.action('approve', async ({ ack, body, client, respond }) => {
    await ack();
    if (body.type !== 'block_actions' || body.container.type !== 'message') return;
    await client.chat.update({
      channel: String(body.container.channel_id),
      ts: String(body.container.message_ts),
      text: `approved by ${body.user.id}`,
      blocks: [],
    });
    await respond({ text: 'Your vote counts.', response_type: 'ephemeral' });
  });
  app.view('backup', async ({ ack, view }) => {
    submissions.push(view.state.values, view.private_metadata);
    if (view.state.values.why?.text?.value === 'no') {
      await ack({ response_action: 'errors', errors: { why: 'Give a better reason.' } });
    } else if (view.state.values.why?.text?.value === 'again') {
      await ack({ response_action: 'update', view: modal('Once more') });
    } else await ack();
  });
  app.event('app_home_opened', async ({ event, client }) => {
    await client.views.publish({
      user_id: event.user,
      view: { type: 'home', blocks: [{ type: 'section', text: { type: 'mrkdwn', text: 'Clusters' } }] },
    });
  });
}

describe.each<Mode>(['socket', 'http'])('an unmodified Bolt app over %s', (mode) => {
  it('acknowledges a slash command with words and answers again over response_url', async () => {
    await using pair = await startPair(mode, register);
    const operator = pair.slack.human('operator');
    expect(await operator.slash('/ops status')).toEqual({ ok: true });
    const answer = await operator.waitFor((human) => human.sees().find((message) => message.ephemeral));
    expect(answer.text).toBe('heard status from operator');
    await pair.slack.human('viewer').waitFor((human) => human.sees().find((message) => message.text === 'later'));
    expect(
      pair.slack
        .human('viewer')
        .sees()
        .some((message) => message.ephemeral),
    ).toBe(false);
    expect(pair.slack.journal.acks).toMatchObject([{ kind: 'slash_commands', type: '/ops', outcome: 'ok' }]);
    expect(pair.slack.journal.acks[0]?.ms).toBeLessThan(3000);
    expect(pair.slack.journal.violations).toEqual([]);
  });

  it('lets a person press a button of a card, which the app then updates', async () => {
    await using pair = await startPair(mode, register);
    await pair.slack.human('operator').slash('/ops card');
    const approver = pair.slack.human('approver-a');
    const card = await approver.waitFor((human) => human.sees().find((message) => message.text === 'card'));
    await expect(approver.click('Aprove', { in: card })).rejects.toThrow('Approve | Deny');
    expect(await approver.click('Approve', { in: card })).toEqual({ ok: true });
    const updated = await approver.waitFor((human) =>
      human.sees().find((message) => message.text.startsWith('approved')),
    );
    expect(updated).toMatchObject({ ts: card.ts, text: 'approved by U0APA', blocks: [] });
    await approver.waitFor((human) => human.sees().find((message) => message.text === 'Your vote counts.'));
    await expect(approver.click('Approve', { in: card })).rejects.toThrow('0 elements');
    const history = await pair.app.client.conversations.history({ channel: 'C0OPS', include_all_metadata: true });
    expect(history.messages?.[0]?.metadata?.event_payload).toEqual({ id: 'op-1' });
    expect(history.messages).toHaveLength(1);
  });

  it('opens a modal, shows the errors of the app, takes an update and a submission', async () => {
    await using pair = await startPair(mode, register);
    const operator = pair.slack.human('operator');
    await operator.slash('/ops modal');
    const view = await operator.waitFor((human) => human.view());
    expect(await operator.submit(view, {})).toMatchObject({
      ok: false,
      errors: { why: expect.stringContaining('required') },
    });
    submissions.length = 0;
    expect(await operator.submit(view, { Reason: 'no', Kind: 'full' })).toEqual({
      ok: false,
      errors: { why: 'Give a better reason.' },
    });
    expect(submissions).toEqual([
      {
        why: { text: { type: 'plain_text_input', value: 'no' } },
        kind: {
          choice: {
            type: 'static_select',
            selected_option: { text: { type: 'plain_text', text: 'full' }, value: 'full' },
          },
        },
      },
      'kept',
    ]);
    expect(await operator.submit(view, { why: 'again' })).toEqual({ ok: true });
    expect(operator.view()).toMatchObject({ id: view.id, title: 'Once more', errors: {} });
    expect(await operator.submit(view, { Reason: 'because' })).toEqual({ ok: true });
    expect(operator.view()).toBeNull();
    expect(pair.slack.journal.violations).toEqual([]);
  });

  it('shows an ephemeral message to its addressee and in no history', async () => {
    await using pair = await startPair(mode, register);
    const operator = pair.slack.human('operator');
    await operator.slash('/ops ephemeral');
    await operator.waitFor((human) => human.sees().find((message) => message.text === 'for you only'));
    expect(pair.slack.human('admin').sees()).toEqual([]);
    expect((await pair.app.client.conversations.history({ channel: 'C0OPS' })).messages).toEqual([]);
  });

  it('publishes the Home tab when a person opens it', async () => {
    await using pair = await startPair(mode, register);
    const viewer = pair.slack.human('viewer');
    expect(await viewer.openHome()).toEqual({ ok: true });
    const home = await viewer.waitFor((human) => human.home());
    expect(home.blocks).toMatchObject([{ type: 'section', text: { text: 'Clusters' } }]);
  });

  it('takes a file in the three steps of filesUploadV2', async () => {
    await using pair = await startPair(mode, register);
    const parent = await pair.app.client.chat.postMessage({ channel: 'C0OPS', text: 'parent' });
    const content = Buffer.from('line 1\nzwei ü\n'.repeat(1000));
    await pair.app.client.filesUploadV2({
      channel_id: 'C0OPS',
      thread_ts: String(parent.ts),
      filename: 'op-1.log',
      title: 'The whole log',
      file: content,
      initial_comment: 'All of it.',
    });
    const viewer = pair.slack.human('viewer');
    const [, reply] = viewer.thread('operations', String(parent.ts));
    expect(reply).toMatchObject({ text: 'All of it.', files: [{ name: 'op-1.log', size: content.length }] });
    const bytes = await fetch(`${pair.slack.url}/ui/file/${reply?.files[0]?.id}`);
    expect(Buffer.from(await bytes.arrayBuffer()).equals(content)).toBe(true);
  });
});
