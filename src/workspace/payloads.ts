import { monotonicMs, now } from '../kernel/clock.ts';
import { newUuid } from '../kernel/ids.ts';
import type { Core } from './core.ts';
import type { Channel, Message, User, View } from './model.ts';
import { APP_ID, BOT_USER, TEAM } from './model.ts';
import { messageJson, viewJson } from './render.ts';
import { initialState } from './viewState.ts';

/** The payloads that Slack sends to an app. */

type Json = Record<string, unknown>;

const VERIFICATION = 'local-verification-token';

export function slashPayload(core: Core, user: User, channel: Channel, command: string, text: string): Json {
  return {
    token: VERIFICATION,
    team_id: user.teamId,
    team_domain: TEAM.domain,
    channel_id: channel.id,
    channel_name: channel.kind === 'direct' ? 'directmessage' : channel.name,
    user_id: user.id,
    user_name: user.name,
    command,
    text,
    api_app_id: APP_ID,
    is_enterprise_install: 'false',
    response_url: core.url() + core.responses.issue({ channel: channel.id, user: user.id, original: undefined }),
    trigger_id: core.triggers.issue(user.id, null),
  };
}

function interaction(core: Core, user: User, type: string, viewId: string | null): Json {
  return {
    type,
    team: { id: TEAM.id, domain: TEAM.domain },
    user: { id: user.id, username: user.name, name: user.name, team_id: user.teamId },
    api_app_id: APP_ID,
    token: VERIFICATION,
    enterprise: null,
    is_enterprise_install: false,
    trigger_id: core.triggers.issue(user.id, viewId),
  };
}

/** A click in a message. An ephemeral message is not repeated in its payload, as in Slack. */
export function messageActionPayload(core: Core, user: User, message: Message, action: Json): Json {
  const channel = core.store.channels.get(message.channel);
  const ephemeral = message.only !== undefined;
  return {
    ...interaction(core, user, 'block_actions', null),
    container: {
      type: 'message',
      message_ts: message.ts,
      channel_id: message.channel,
      is_ephemeral: ephemeral,
      ...(message.threadTs === undefined ? {} : { thread_ts: message.threadTs }),
    },
    channel: { id: message.channel, name: channel?.kind === 'direct' ? 'directmessage' : (channel?.name ?? '') },
    ...(ephemeral ? {} : { message: messageJson(core, message, true) }),
    state: { values: initialState(message.blocks) },
    response_url: core.url() + core.responses.issue({ channel: message.channel, user: user.id, original: message.ts }),
    actions: [{ ...action, action_ts: actionTs() }],
  };
}

export function viewActionPayload(core: Core, user: User, view: View, action: Json): Json {
  return {
    ...interaction(core, user, 'block_actions', view.type === 'modal' ? view.id : null),
    container: { type: 'view', view_id: view.id },
    view: viewJson(view),
    actions: [{ ...action, action_ts: actionTs() }],
  };
}

export function submissionPayload(core: Core, user: User, view: View): Json {
  return { ...interaction(core, user, 'view_submission', view.id), view: viewJson(view), response_urls: [] };
}

export function closedPayload(core: Core, user: User, view: View, cleared: boolean): Json {
  const { trigger_id: _trigger, ...rest } = interaction(core, user, 'view_closed', view.id);
  return { ...rest, view: viewJson(view), is_cleared: cleared };
}

export function eventPayload(event: Json): Json {
  return {
    token: VERIFICATION,
    team_id: TEAM.id,
    api_app_id: APP_ID,
    event: { event_ts: actionTs(), ...event },
    type: 'event_callback',
    event_id: `Ev${newUuid().replaceAll('-', '').slice(0, 10).toUpperCase()}`,
    event_time: Math.floor(now().getTime() / 1000),
    authorizations: [
      { enterprise_id: null, team_id: TEAM.id, user_id: BOT_USER, is_bot: true, is_enterprise_install: false },
    ],
    is_ext_shared_channel: false,
  };
}

function actionTs(): string {
  return `${(now().getTime() / 1000).toFixed(3)}${String(Math.floor(monotonicMs() * 1000) % 1000).padStart(3, '0')}`;
}
