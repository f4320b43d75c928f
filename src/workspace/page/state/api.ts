import type { UiDone, UiFile, UiMessage, UiState, UiViewDone } from '../../protocol.ts';
import type { FormValues } from '../blockkit/selection.ts';
import type { Press } from './context.ts';

export interface Messages {
  readonly messages: readonly UiMessage[];
}

/** The routes of the local workspace as one person uses them. */
export interface Api {
  readonly state: () => Promise<UiState>;
  readonly channel: (id: string) => Promise<Messages>;
  readonly thread: (channel: string, ts: string) => Promise<Messages>;
  readonly file: (id: string) => Promise<Blob>;
  /** Throws when the workspace does not take it. */
  readonly upload: (file: File) => Promise<UiFile>;
  readonly slash: (channel: string, text: string) => Promise<UiDone>;
  readonly say: (channel: string, text: string, threadTs?: string) => Promise<UiDone>;
  readonly click: (message: UiMessage, press: Press) => Promise<UiDone>;
  /** `values` is the whole form, so that the app sees what was entered beside what was pressed. */
  readonly viewClick: (viewId: string, press: Press, values: FormValues) => Promise<UiDone>;
  readonly viewSubmit: (viewId: string, values: FormValues) => Promise<UiViewDone>;
  readonly viewClose: (viewId: string) => Promise<UiDone>;
  readonly home: () => Promise<UiDone>;
}

/**
 * Speaks to the workspace for `person` (a user id). Reads throw on failure; what a person does never throws and
 * says in `error` what went wrong.
 */
export function createApi(person: string): Api {
  const headers = { 'x-person': person };

  async function fetchOk(path: string): Promise<Response> {
    const response = await fetch(path, { headers });
    if (!response.ok) throw new Error(`The workspace answered ${response.status} to ${path}.`);
    return response;
  }

  async function read<T>(path: string): Promise<T> {
    const body: T = await (await fetchOk(path)).json();
    return body;
  }

  async function post<T extends UiDone>(path: string, body: object): Promise<T | UiDone> {
    try {
      const response = await fetch(path, {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      const done: T = await response.json();
      return done;
    } catch {
      return { ok: false, error: 'The local workspace did not answer. Is it still running?' };
    }
  }

  return {
    state: () => read('/ui/state'),
    channel: (id) => read(`/ui/channel/${encodeURIComponent(id)}`),
    thread: (channel, ts) => read(`/ui/thread/${encodeURIComponent(channel)}/${encodeURIComponent(ts)}`),
    file: async (id) => (await fetchOk(`/ui/file/${encodeURIComponent(id)}`)).blob(),
    upload: async (file) => {
      const path = `/ui/upload?name=${encodeURIComponent(file.name)}`;
      const response = await fetch(path, { method: 'POST', headers, body: file });
      if (!response.ok) throw new Error(`The workspace answered ${response.status} to an upload.`);
      const body: { readonly file: UiFile } = await response.json();
      return body.file;
    },
    slash: (channel, text) => post('/ui/slash', { channel, text }),
    say: (channel, text, threadTs) =>
      post('/ui/say', threadTs === undefined ? { channel, text } : { channel, text, thread_ts: threadTs }),
    click: (message, press) => post('/ui/click', { channel: message.channel, ts: message.ts, ...press }),
    viewClick: (viewId, press, values) => post('/ui/view/click', { view_id: viewId, ...press, values }),
    viewSubmit: (viewId, values) => post<UiViewDone>('/ui/view/submit', { view_id: viewId, values }),
    viewClose: (viewId) => post('/ui/view/close', { view_id: viewId }),
    home: () => post('/ui/home', {}),
  };
}
