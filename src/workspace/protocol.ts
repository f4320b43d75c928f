/**
 * What the browser page and the local workspace say to each other: JSON over HTTP for what a person does,
 * one WebSocket for what a person sees. Every request names the person in the header `x-person` (a user id).
 *
 * GET  /ui/state                         -> UiState
 * GET  /ui/channel/:id                   -> { messages: UiMessage[] }   top-level messages, oldest first, with their reply counts
 * GET  /ui/thread/:channel/:ts           -> { messages: UiMessage[] }   the parent first, then the replies
 * GET  /ui/file/:id                      -> the bytes, with their content type
 * POST /ui/slash    { channel, text }                     -> UiDone    text starts with the command, "/ops ..."
 * POST /ui/say      { channel, text, thread_ts? }          -> UiDone
 * POST /ui/click    { channel, ts, action_id, block_id, value?, selected? } -> UiDone   the button must stand in the message as this person sees it
 * POST /ui/view/submit { view_id, values }                -> UiViewDone
 * POST /ui/view/click  { view_id, action_id, block_id, value?, selected?, values? } -> UiDone   values: the whole form as in submit
 * POST /ui/view/close  { view_id }                        -> UiDone
 * POST /ui/home     {}                                    -> UiDone    the person opens the app's Home tab (app_home_opened)
 * WS   /ui/socket?person=U...            pushes UiEvent, one JSON document a frame
 */

/** Block Kit as it came over the Web API, limits already checked. */
export type Block = Readonly<Record<string, unknown>> & { readonly type: string };

export interface UiPerson {
  readonly id: string;
  readonly name: string;
  readonly title: string;
  readonly color: string;
  readonly bot: boolean;
}

export interface UiChannel {
  readonly id: string;
  readonly name: string;
  readonly topic: string;
  readonly direct: boolean;
}

export interface UiState {
  readonly team: { readonly id: string; readonly name: string };
  readonly me: string;
  readonly people: readonly UiPerson[];
  readonly channels: readonly UiChannel[];
  /** Slash commands of the installed app (from its manifest), for completion. */
  readonly commands: readonly { readonly command: string; readonly usage: string; readonly description: string }[];
  /** True while at least one Socket Mode connection or a reachable request URL exists. */
  readonly appConnected: boolean;
  readonly home: UiView | null;
}

export interface UiFile {
  readonly id: string;
  readonly name: string;
  readonly title: string;
  readonly size: number;
  readonly mimetype: string;
}

export interface UiMessage {
  readonly channel: string;
  /** Slack timestamp, the message's id within its channel. */
  readonly ts: string;
  readonly thread_ts?: string;
  readonly user: string;
  readonly text: string;
  readonly blocks: readonly Block[];
  readonly files: readonly UiFile[];
  readonly edited: boolean;
  /** Shown to this person only. */
  readonly ephemeral: boolean;
  readonly reply_count: number;
  readonly latest_reply?: string;
}

export interface UiView {
  readonly id: string;
  readonly type: 'modal' | 'home';
  readonly title: string;
  readonly submit: string | null;
  readonly close: string;
  readonly blocks: readonly Block[];
  /** Messages by block_id, after a submission that the app refused. */
  readonly errors: Readonly<Record<string, string>>;
}

/** `error` is a sentence as Slack would show it, for example that the app did not answer within three seconds. */
export interface UiDone {
  readonly ok: boolean;
  readonly error?: string;
}

export interface UiViewDone extends UiDone {
  readonly errors?: Readonly<Record<string, string>>;
}

export type UiEvent =
  | { readonly type: 'message'; readonly message: UiMessage }
  | { readonly type: 'changed'; readonly message: UiMessage }
  | { readonly type: 'deleted'; readonly channel: string; readonly ts: string }
  | { readonly type: 'view'; readonly view: UiView }
  | { readonly type: 'view_closed'; readonly view_id: string }
  | { readonly type: 'home'; readonly view: UiView }
  | { readonly type: 'app'; readonly connected: boolean }
  | { readonly type: 'channel'; readonly channel: UiChannel };
