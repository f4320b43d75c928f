import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { messageOf } from '../kernel/errors.ts';
import { serveApp } from './api.ts';
import type { Core } from './core.ts';
import { serveDownload } from './download.ts';
import { serveStatic } from './static.ts';
import { sendJson, serveUi } from './ui.ts';
import { UiSockets } from './uiSocket.ts';

/** The one HTTP server of the workspace: what the app calls, what the page calls, and the page itself. */
export function createHttp(
  core: Core,
  pageDir: string | undefined,
): { readonly server: Server; readonly pages: UiSockets } {
  const pages = new UiSockets(core);
  const server = createServer((request, response) => {
    route(core, pageDir, request, response).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else sendJson(response, 500, { ok: false, error: `internal_error: ${messageOf(error)}` });
    });
  });
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => socket.destroy());
    const url = new URL(request.url ?? '/', 'http://127.0.0.1');
    if (url.pathname === '/link/' && core.socket !== undefined) {
      core.socket.upgrade(request, socket, head, url.searchParams.get('ticket') ?? '');
    } else if (url.pathname === '/ui/socket' && ours(request)) {
      pages.upgrade(request, socket, head, url.searchParams.get('person') ?? '');
    } else {
      socket.destroy();
    }
  });
  return { server, pages };
}

async function route(
  core: Core,
  pageDir: string | undefined,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(request.url ?? '/', 'http://127.0.0.1');
  if (await serveApp(core, request, response, url)) return;
  if (await serveDownload(core, request, response, url)) return;
  if (!ours(request)) {
    sendJson(response, 403, { ok: false, error: 'Only the page of this workspace may ask.' });
    return;
  }
  if (url.pathname === '/healthz') {
    sendJson(response, 200, { ok: true });
    return;
  }
  if (url.pathname.startsWith('/ui/') && (await serveUi(core, request, response, url))) return;
  const link = /^\/archives\/([A-Z0-9]+)\/p(\d+)(\d{6})$/.exec(url.pathname);
  if (link !== null) {
    response.writeHead(302, { location: `/#/${link[1]}/${link[2]}.${link[3]}` });
    response.end();
    return;
  }
  if (pageDir !== undefined && request.method === 'GET' && (await serveStatic(pageDir, url.pathname, response))) return;
  sendJson(response, 404, { ok: false, error: 'not_found' });
}

/** Whether a request comes from our own page or from no page at all: other sites in the same browser may not ask. */
function ours(request: IncomingMessage): boolean {
  const host = request.headers.host ?? '';
  const name = host.replace(/:\d+$/, '');
  if (name !== '127.0.0.1' && name !== 'localhost') return false;
  const origin = request.headers.origin;
  return origin === undefined || origin === `http://${host}`;
}
