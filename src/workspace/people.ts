import { z } from 'zod';
import { messageOf } from '../kernel/errors.ts';
import { actionFor } from './actions.ts';
import type { Delivered } from './appLink.ts';
import type { Core } from './core.ts';
import { ApiError } from './errors.ts';
import type { Channel, Message, User, View } from './model.ts';
import { eventPayload, messageActionPayload, slashPayload, viewActionPayload } from './payloads.ts';
import type { UiDone } from './protocol.ts';
import { fileJson, viewJson } from './render.ts';
import { applyResponse, speaks } from './responses.ts';
import { type Chosen, mergedState, type Names } from './viewState.ts';

/** An element as the page names it. */
export interface Press {
  readonly actionId: string;
  readonly blockId: string;
  readonly selected?: Chosen;
  /** The state of the whole form, where the press is in a view. */
  readonly values?: Readonly<Record<string, unknown>>;
}

const DONE: UiDone = { ok: true };
const TIMED_OUT = 'Operation timed out. Apps need to respond within three seconds.';

/** What people can do in the workspace. Each function says what Slack would tell the person. */

/** Runs "/command text". */
export async function slash(core: Core, user: User, channel: Channel, line: string): Promise<UiDone> {
  const refused = cannotAct(user, channel);
  if (refused !== undefined) return refused;
  const [command = '', ...rest] = line.trimStart().split(' ');
  if (!core.manifest.commands.some((entry) => entry.command === command)) {
    return {
      ok: false,
      error: `${command} is not a valid command. In Slack, all messages that start with the "/" character are interpreted as commands.`,
    };
  }
  const payload = slashPayload(core, user, channel, command, rest.join(' ').trim());
  const delivered = await core.app.deliver({ kind: 'slash_commands', type: command, payload });
  if (!delivered.ok) return { ok: false, error: commandError(command, delivered.reason) };
  if (!speaks(delivered.body)) return DONE;
  try {
    applyResponse(core, { channel: channel.id, user: user.id, original: undefined }, delivered.body);
    return DONE;
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    core.journal.recordViolation(
      'bad_ack',
      `${command} was acknowledged with a body Slack refuses: ${describe(error)}`,
    );
    return { ok: false, error: `${command} failed with the error "invalid_command_response"` };
  }
}

/** Presses a button, or chooses in a menu, of a message that this person sees. */
export async function click(core: Core, user: User, message: Message, press: Press): Promise<UiDone> {
  const channel = core.store.channels.get(message.channel);
  const refused = cannotAct(user, channel);
  if (refused !== undefined) return refused;
  if (message.only !== undefined && message.only !== user.id) return { ok: false, error: 'There is no such message.' };
  if (!core.manifest.interactive)
    return { ok: false, error: 'This app is not configured to handle interactive responses.' };
  try {
    const action = actionFor(message.blocks, press.blockId, press.actionId, press.selected ?? null, namesOf(core));
    if (action === undefined) return { ok: false, error: 'There is no such button in the message any more.' };
    const payload = messageActionPayload(core, user, message, action);
    return told(await core.app.deliver({ kind: 'interactive', type: 'block_actions', payload }));
  } catch (error) {
    return { ok: false, error: messageOf(error) };
  }
}

/** Presses a button, or chooses in a menu, of a modal or of the Home tab. */
export async function clickInView(core: Core, user: User, view: View, press: Press): Promise<UiDone> {
  if (user.deactivated) return { ok: false, error: 'This account is deactivated.' };
  if (view.user !== user.id) return { ok: false, error: 'There is no such view.' };
  try {
    const names = namesOf(core);
    const action = actionFor(view.blocks, press.blockId, press.actionId, press.selected ?? null, names);
    if (action === undefined) return { ok: false, error: 'There is no such button in the view any more.' };
    const chosen = { [press.blockId]: { [press.actionId]: press.selected ?? null } };
    const before = { ...view, state: mergedState(view, press.values ?? {}, names) };
    const filled = { ...view, state: mergedState(before, chosen, names) };
    core.views.keep(filled);
    const payload = viewActionPayload(core, user, filled, action);
    return told(await core.app.deliver({ kind: 'interactive', type: 'block_actions', payload }));
  } catch (error) {
    return { ok: false, error: messageOf(error) };
  }
}

/** Opens the app's Home tab. */
export async function openHome(core: Core, user: User): Promise<UiDone> {
  if (user.deactivated) return { ok: false, error: 'This account is deactivated.' };
  const home = core.views.home(user.id);
  const { channel } = core.store.directChannel(user.id);
  return await emit(core, 'app_home_opened', {
    user: user.id,
    channel: channel.id,
    tab: 'home',
    ...(home === undefined ? {} : { view: viewJson(home) }),
  });
}

/** Says something in a channel or a thread, as a person. */
export function say(core: Core, user: User, channel: Channel, text: string, thread: string | undefined): UiDone {
  const refused = cannotAct(user, channel);
  if (refused !== undefined) return refused;
  if (text.startsWith('/') && thread !== undefined) return inThread(text);
  if (text.trim() === '') return { ok: false, error: 'There is nothing to send.' };
  core.store.post({
    channel: channel.id,
    user: user.id,
    text,
    blocks: [],
    ...(thread === undefined ? {} : { threadTs: thread }),
  });
  return DONE;
}

/** The answer to a slash command typed in a thread. */
export function inThread(line: string): UiDone {
  return { ok: false, error: `${line.trimStart().split(' ')[0]} is not supported in threads. Sorry!` };
}

/** Sends an event to the app, when the manifest subscribes to it. */
export async function emit(core: Core, type: string, event: Record<string, unknown>): Promise<UiDone> {
  if (!core.manifest.events.has(type)) return { ok: false, error: `The app is not subscribed to ${type}.` };
  return told(await core.app.deliver({ kind: 'events_api', type, payload: eventPayload({ type, ...event }) }));
}

/** Ids of people and channels by the names a person would type. */
/** `user` is who chooses: files are named by the one who uploaded them. */
export function namesOf(core: Core, user?: User): Names {
  return {
    user: (name) => core.store.findUser(name)?.id ?? name,
    channel: (name) => core.store.findChannel(name)?.id ?? name,
    file: (id) => {
      const file = core.store.files.get(id);
      if (file === undefined || file.user !== user?.id) throw new Error(`there is no file ${id}`);
      return fileJson(core, file);
    },
  };
}

const describeSchema = z.object({ response_metadata: z.object({ messages: z.array(z.string()) }) });

/** An ApiError with its explanations, in one line. */
export function describe(error: ApiError): string {
  const parsed = describeSchema.safeParse(error.extra);
  return parsed.success ? `${error.code} ${parsed.data.response_metadata.messages.join('; ')}` : error.code;
}

/** What a person reads when an interaction was not acknowledged. */
export function told(delivered: Delivered): UiDone {
  if (delivered.ok) return DONE;
  if (delivered.reason === 'timeout') return { ok: false, error: TIMED_OUT };
  return { ok: false, error: 'Something went wrong: the app did not respond. Try again.' };
}

function commandError(command: string, reason: 'no_connection' | 'timeout' | 'http_error'): string {
  if (reason === 'timeout') return `${command} failed: ${TIMED_OUT}`;
  if (reason === 'http_error') return `${command} failed with the error "dispatch_failed"`;
  return `${command} failed because the app did not respond`;
}

function cannotAct(user: User, channel: Channel | undefined): UiDone | undefined {
  if (user.deactivated) return { ok: false, error: 'This account is deactivated.' };
  if (channel === undefined || !channel.members.includes(user.id))
    return { ok: false, error: 'There is no such channel.' };
  return undefined;
}
