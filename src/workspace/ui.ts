import type { IncomingMessage, ServerResponse } from 'node:http';
import { z } from 'zod';
import { readBody } from './body.ts';
import type { Core } from './core.ts';
import type { User } from './model.ts';
import { click, clickInView, inThread, openHome, say, slash } from './people.ts';
import { takeFile } from './sharedFiles.ts';
import { closeView, submitView } from './submit.ts';
import { channelMessages, seesMessage, threadMessages, uiState } from './uiShapes.ts';
import { chosenIn } from './viewState.ts';

const press = {
  action_id: z.string(),
  block_id: z.string(),
  value: z.unknown().optional(),
  selected: z.unknown().optional(),
};
const bodies = {
  slash: z.object({ channel: z.string(), text: z.string(), thread_ts: z.string().optional() }),
  say: z.object({ channel: z.string(), text: z.string(), thread_ts: z.string().optional() }),
  click: z.object({ channel: z.string(), ts: z.string(), ...press }),
  viewSubmit: z.object({ view_id: z.string(), values: z.record(z.string(), z.unknown()) }),
  viewClick: z.object({ view_id: z.string(), values: z.record(z.string(), z.unknown()).optional(), ...press }),
  viewClose: z.object({ view_id: z.string() }),
};

/** Serves `/ui/...`, what the page asks and does for one person. False when there is no such route. */
export async function serveUi(
  core: Core,
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
): Promise<boolean> {
  const header = request.headers['x-person'];
  const person = typeof header === 'string' ? header : (url.searchParams.get('person') ?? '');
  const [, , area = '', ...rest] = url.pathname.split('/');
  if (request.method === 'GET' && area === 'file') return await serveFile(core, response, rest[0] ?? '');
  const user = core.store.users.get(person);
  if (user === undefined) {
    sendJson(response, 401, { ok: false, error: 'Name a person in the header x-person.' });
    return true;
  }
  if (request.method === 'POST' && area === 'upload') {
    const { id, name, title, size, mimetype } = await takeFile(
      core,
      user,
      url.searchParams.get('name') ?? 'file',
      await readBody(request),
    );
    sendJson(response, 200, { ok: true, file: { id, name, title, size, mimetype } });
    return true;
  }
  const answer =
    request.method === 'GET'
      ? await look(core, user, area, rest)
      : request.method === 'POST'
        ? await act(core, user, [area, ...rest].join('/'), await readBody(request))
        : undefined;
  if (answer === undefined) return false;
  sendJson(response, answer.status, answer.json);
  return true;
}

interface UiAnswer {
  readonly status: number;
  readonly json: unknown;
}

async function look(core: Core, user: User, area: string, rest: readonly string[]): Promise<UiAnswer | undefined> {
  const [id = '', ts = ''] = rest;
  if (area === 'state') return { status: 200, json: uiState(core, user, await core.app.connected()) };
  if (area === 'channel') return { status: 200, json: { messages: channelMessages(core, user, id) } };
  if (area === 'thread') return { status: 200, json: { messages: threadMessages(core, user, id, ts) } };
  return undefined;
}

async function act(core: Core, user: User, route: string, body: Buffer): Promise<UiAnswer | undefined> {
  let parsed: unknown;
  try {
    parsed = body.length === 0 ? {} : JSON.parse(body.toString('utf8'));
  } catch {
    return { status: 400, json: { ok: false, error: 'The request is not JSON.' } };
  }
  const done = dispatch(core, user, route, parsed);
  return done === undefined ? undefined : { status: 200, json: await done };
}

function dispatch(core: Core, user: User, route: string, body: unknown): Promise<unknown> | undefined {
  switch (route) {
    case 'slash':
      return given(bodies.slash, body, async ({ channel, text, thread_ts: thread }) => {
        if (thread !== undefined) return inThread(text);
        const found = core.store.channels.get(channel);
        return found === undefined ? MISSING : await slash(core, user, found, text);
      });
    case 'say':
      return given(bodies.say, body, async ({ channel, text, thread_ts: thread }) => {
        const found = core.store.channels.get(channel);
        return found === undefined ? MISSING : say(core, user, found, text, thread);
      });
    case 'click':
      return given(bodies.click, body, async ({ channel, ts, ...element }) => {
        const message = core.store.message(channel, ts);
        if (message === undefined || !seesMessage(core, user, message)) return MISSING;
        return await click(core, user, message, pressOf(element));
      });
    case 'view/click':
      return given(bodies.viewClick, body, async ({ view_id: id, ...element }) => {
        const view = core.views.find(id);
        return view === undefined
          ? MISSING
          : await clickInView(core, user, view, { ...pressOf(element), values: element.values ?? {} });
      });
    case 'view/submit':
      return given(bodies.viewSubmit, body, async ({ view_id: id, values }) => {
        const view = core.views.find(id);
        return view === undefined ? MISSING : await submitView(core, user, view, values);
      });
    case 'view/close':
      return given(bodies.viewClose, body, async ({ view_id: id }) => {
        const view = core.views.find(id);
        return view === undefined ? MISSING : await closeView(core, user, view);
      });
    case 'home':
      return openHome(core, user);
    default:
      return undefined;
  }
}

const MISSING = { ok: false, error: 'That is not there any more.' };

async function given<S extends z.ZodType>(
  schema: S,
  body: unknown,
  run: (body: z.infer<S>) => Promise<unknown>,
): Promise<unknown> {
  const parsed = schema.safeParse(body);
  return parsed.success ? await run(parsed.data) : { ok: false, error: z.prettifyError(parsed.error) };
}

function pressOf(element: { action_id: string; block_id: string; selected?: unknown }) {
  return { actionId: element.action_id, blockId: element.block_id, selected: chosenIn(element.selected) };
}

async function serveFile(core: Core, response: ServerResponse, id: string): Promise<boolean> {
  const file = core.store.files.get(id);
  const bytes = file === undefined ? undefined : await core.bytes.get(file.id);
  if (file === undefined || bytes === undefined) {
    sendJson(response, 404, { ok: false, error: 'There is no such file.' });
    return true;
  }
  response.writeHead(200, {
    'content-type': file.mimetype.startsWith('text/') ? `${file.mimetype}; charset=utf-8` : file.mimetype,
    'content-length': bytes.length,
    'content-disposition': `inline; filename*=UTF-8''${encodeURIComponent(file.name)}`,
    'content-security-policy': 'sandbox',
    'x-content-type-options': 'nosniff',
  });
  response.end(bytes);
  return true;
}

export function sendJson(response: ServerResponse, status: number, json: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store' });
  response.end(JSON.stringify(json));
}
