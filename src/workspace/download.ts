import type { IncomingMessage, ServerResponse } from 'node:http';
import { monotonicMs, now } from '../kernel/clock.ts';
import type { Core } from './core.ts';

/** What Slack shows to whoever is not let in, with status 200: no error, a page. */
const SIGN_IN = '<!DOCTYPE html><html lang="en"><head><title>Sign in | Slack</title></head><body></body></html>';

/**
 * Serves `/files-pri/TEAM-FILE/download/NAME`, where an app fetches a file with its token. As with Slack, a request
 * without one is sent to the sign-in page, and one whose token lacks `files:read` is given that page.
 * A fault `files.download` that cuts the connection does so in the middle of the file. False for another path.
 */
export async function serveDownload(
  core: Core,
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
): Promise<boolean> {
  const [, area, named = ''] = url.pathname.split('/');
  if (area !== 'files-pri') return false;
  if (core.faults.isDown) {
    request.socket.destroy();
    return true;
  }
  const at = now().getTime();
  const started = monotonicMs();
  const id = named.slice(named.indexOf('-') + 1);
  const fault = core.faults.take('files.download');
  const status = fault?.dropConnection
    ? await cut(core, id, response)
    : await answer(core, request, response, id, fault?.httpStatus ?? null);
  core.journal.recordCall(
    {
      method: 'files.download',
      args: { file: id, authorised: request.headers.authorization === `Bearer ${core.tokens.bot}` },
      ok: status === 200,
      status,
      response: {},
      fault: fault !== undefined,
      at,
      ms: monotonicMs() - started,
    },
    0,
  );
  return true;
}

async function answer(
  core: Core,
  request: IncomingMessage,
  response: ServerResponse,
  id: string,
  spoilt: number | null,
): Promise<number> {
  const end = (status: number, headers: Record<string, string | number>, body: string | Uint8Array): number => {
    response.writeHead(status, headers).end(body);
    return status;
  };
  if (spoilt !== null) return end(spoilt, { 'content-type': 'text/plain' }, '');
  if (request.headers.authorization !== `Bearer ${core.tokens.bot}`)
    return end(302, { location: `${core.url()}/?redir=${encodeURIComponent(request.url ?? '')}` }, '');
  if (!core.manifest.scopes.has('files:read')) return end(200, { 'content-type': 'text/html; charset=utf-8' }, SIGN_IN);
  const file = core.store.files.get(id);
  const bytes = file === undefined ? undefined : await core.bytes.get(id);
  if (file === undefined || bytes === undefined) return end(404, { 'content-type': 'text/plain' }, 'not found');
  return end(200, { 'content-type': file.mimetype, 'content-length': bytes.length }, bytes);
}

async function cut(core: Core, id: string, response: ServerResponse): Promise<number> {
  const bytes = (await core.bytes.get(id)) ?? new Uint8Array();
  response.writeHead(200, { 'content-length': bytes.length });
  response.write(bytes.subarray(0, bytes.length / 2), () => response.destroy());
  return 0;
}
