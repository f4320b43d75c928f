import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type WebSocket, WebSocketServer } from 'ws';
import type { Core } from './core.ts';
import type { UiEvent } from './protocol.ts';
import type { StoreChange } from './store.ts';
import { seesChannel, seesMessage, uiChannel, uiMessage, uiView } from './uiShapes.ts';
import type { ViewChange } from './views.ts';

/** Pushes to every open page what its person sees change. */
export class UiSockets {
  readonly #server = new WebSocketServer({ noServer: true });
  readonly #pages = new Map<WebSocket, string>();
  readonly #core: Core;

  constructor(core: Core) {
    this.#core = core;
    core.store.onChange((change) => this.#stored(change));
    core.views.onChange((change) => this.#viewed(change));
    core.app.onConnected((connected) => {
      for (const page of this.#pages.keys()) push(page, { type: 'app', connected });
    });
  }

  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, person: string): void {
    if (!this.#core.store.users.has(person)) {
      socket.destroy();
      return;
    }
    this.#server.handleUpgrade(request, socket, head, (page) => {
      this.#pages.set(page, person);
      page.on('close', () => this.#pages.delete(page));
      page.on('error', () => page.terminate());
      const view = this.#core.views.top(person);
      if (view !== undefined) push(page, { type: 'view', view: uiView(view) });
    });
  }

  close(): void {
    for (const page of this.#pages.keys()) page.terminate();
    this.#server.close();
  }

  #stored(change: StoreChange): void {
    const core = this.#core;
    for (const [page, person] of this.#pages) {
      const user = core.store.users.get(person);
      if (user === undefined) continue;
      if (change.type === 'channel') {
        if (seesChannel(user, change.channel))
          push(page, { type: 'channel', channel: uiChannel(change.channel, core) });
        continue;
      }
      const { type, message } = change;
      if (!seesMessage(core, user, message)) continue;
      if (type === 'deleted') push(page, { type, channel: message.channel, ts: message.ts });
      else push(page, { type, message: uiMessage(core, message) });
      // A new reply changes what the channel shows of its parent.
      const parent = message.threadTs === undefined ? undefined : core.store.message(message.channel, message.threadTs);
      if (type === 'message' && parent !== undefined) push(page, { type: 'changed', message: uiMessage(core, parent) });
    }
  }

  #viewed(change: ViewChange): void {
    for (const [page, person] of this.#pages) {
      if (person !== change.user) continue;
      if (change.type === 'view_closed') push(page, { type: change.type, view_id: change.viewId });
      else push(page, { type: change.type, view: uiView(change.view) });
    }
  }
}

function push(page: WebSocket, event: UiEvent): void {
  if (page.readyState === page.OPEN) page.send(JSON.stringify(event));
}
