import type { IncomingMessage, ServerResponse } from 'node:http';
import { monotonicMs, now } from '../kernel/clock.ts';
import { parseArguments, readBody, uploadedBytes } from './body.ts';
import type { Core } from './core.ts';
import { ApiError } from './errors.ts';
import type { Fault } from './faults.ts';
import type { Method } from './methods/define.ts';
import { needScope } from './methods/define.ts';
import { METHODS } from './methods/index.ts';
import { applyResponse } from './responses.ts';

/** What will be answered, before a fault may spoil it. */
interface Reply {
  readonly status: number;
  readonly json: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/**
 * Serves what the app calls: `/api/METHOD`, `/response/ID`, `/upload/TICKET`. Everything is journalled.
 * False when the path is none of these.
 */
export async function serveApp(
  core: Core,
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
): Promise<boolean> {
  const [, area, name] = url.pathname.split('/');
  if ((area !== 'api' && area !== 'response' && area !== 'upload') || name === undefined) return false;
  if (core.faults.isDown) {
    request.socket.destroy();
    return true;
  }
  const at = now().getTime();
  const started = monotonicMs();
  const body = await readBody(request);
  const contentType = request.headers['content-type'] ?? '';
  const method = area === 'api' ? name : area === 'response' ? 'response_url' : 'upload';
  const raw = area === 'upload' ? { bytes: body.length } : parseArguments(body, contentType, url.searchParams);
  const { token: bodyToken, ...args } = raw ?? {};
  const token = bearer(request) ?? (typeof bodyToken === 'string' ? bodyToken : undefined);
  const fault = core.faults.take(method);

  let reply: Reply | undefined;
  if (fault === undefined || fault.afterEffect === true) {
    if (raw === undefined) reply = { status: 200, json: { ok: false, error: 'invalid_json' } };
    else if (area === 'api') reply = await callMethod(core, method, args, token);
    else if (area === 'response') reply = answerInteraction(core, name, args);
    else reply = await takeUpload(core, name, body, contentType);
  }
  const answer = fault === undefined ? reply : spoilt(fault);
  if (core.faults.isDown || answer === undefined) request.socket.destroy();
  else send(response, answer);
  core.journal.recordCall(
    {
      method,
      args,
      ok: answer?.json.ok === true && !core.faults.isDown,
      ...(typeof answer?.json.error === 'string' ? { error: answer.json.error } : {}),
      status: answer?.status ?? 0,
      response: answer?.json ?? {},
      fault: fault !== undefined,
      at,
      ms: monotonicMs() - started,
    },
    body.length,
  );
  return true;
}

async function callMethod(
  core: Core,
  name: string,
  args: Record<string, unknown>,
  token: string | undefined,
): Promise<Reply> {
  const method = METHODS.get(name);
  if (method === undefined) {
    core.journal.recordViolation('unknown_method', name);
    return failure(new ApiError('unknown_method', { req_method: name }));
  }
  const headers = {
    'x-oauth-scopes': [...core.manifest.scopes].join(','),
    'x-accepted-oauth-scopes': method.scopes.join(','),
  };
  try {
    authorise(core, method, token);
    const { key, retryAfterSec } = core.rates.take(
      name,
      method.tier,
      typeof args.channel === 'string' ? args.channel : '',
    );
    if (retryAfterSec > 0) {
      core.journal.recordLimited(name, key, retryAfterSec);
      return {
        status: 429,
        json: { ok: false, error: 'ratelimited' },
        headers: { 'retry-after': String(retryAfterSec) },
      };
    }
    return { status: 200, json: { ok: true, ...(await method.run(args, core)) }, headers };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    return { ...failure(error), headers };
  }
}

function authorise(core: Core, method: Method, token: string | undefined): void {
  if (method.token === 'none') return;
  if (token === undefined || token === '') throw new ApiError('not_authed');
  if (token !== core.tokens.bot && token !== core.tokens.app) throw new ApiError('invalid_auth');
  if (token !== core.tokens[method.token]) throw new ApiError('not_allowed_token_type');
  needScope(core, ...method.scopes);
}

function answerInteraction(core: Core, id: string, args: Record<string, unknown>): Reply {
  try {
    applyResponse(core, core.responses.use(id), args);
    return { status: 200, json: { ok: true } };
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    const gone = ['used_url', 'expired_url', 'no_such_url', 'message_not_found'].includes(error.code);
    return { ...failure(error), status: gone ? 404 : 400 };
  }
}

async function takeUpload(core: Core, ticket: string, body: Buffer, contentType: string): Promise<Reply> {
  const upload = core.uploads.byTicket(ticket);
  if (upload === undefined) return { status: 404, json: { ok: false, error: 'no_such_upload' } };
  const bytes = await uploadedBytes(body, contentType);
  if (bytes.length !== upload.length) return { status: 400, json: { ok: false, error: 'length_mismatch' } };
  await core.bytes.put(upload.fileId, bytes);
  upload.received = true;
  return { status: 200, json: { ok: true } };
}

function failure(error: ApiError): Reply {
  return { status: 200, json: { ok: false, error: error.code, ...error.extra } };
}

/** What a fault answers; undefined when it cuts the connection. */
function spoilt(fault: Fault): Reply | undefined {
  if (fault.retryAfterSec !== undefined) {
    const headers = { 'retry-after': String(fault.retryAfterSec) };
    return { status: 429, json: { ok: false, error: 'ratelimited' }, headers };
  }
  if (fault.httpStatus !== undefined)
    return { status: fault.httpStatus, json: { ok: false, error: `http_${fault.httpStatus}` } };
  if (fault.error !== undefined) return { status: 200, json: { ok: false, error: fault.error } };
  return undefined;
}

function send(response: ServerResponse, reply: Reply): void {
  response.writeHead(reply.status, { 'content-type': 'application/json; charset=utf-8', ...reply.headers });
  response.end(JSON.stringify(reply.json));
}

function bearer(request: IncomingMessage): string | undefined {
  const header = request.headers.authorization;
  return header?.startsWith('Bearer ') === true ? header.slice('Bearer '.length) : undefined;
}
