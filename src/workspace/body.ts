import type { IncomingMessage } from 'node:http';

const MAX_BODY_BYTES = 256 * 1024 * 1024;

/** The whole body of a request. Throws when it is larger than 256 MiB. */
export async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > MAX_BODY_BYTES) throw new Error('the body is too large');
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}

/** Arguments of a Web API call: JSON, a form, or the query. Undefined when the body cannot be read. */
export function parseArguments(
  body: Buffer,
  contentType: string,
  query: URLSearchParams,
): Record<string, unknown> | undefined {
  const fromQuery = Object.fromEntries(query);
  if (!contentType.includes('json')) {
    return { ...fromQuery, ...Object.fromEntries(new URLSearchParams(body.toString('utf8'))) };
  }
  try {
    const parsed: unknown = body.length === 0 ? {} : JSON.parse(body.toString('utf8'));
    if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return undefined;
    return { ...fromQuery, ...parsed };
  } catch {
    return undefined;
  }
}

/** The bytes of an upload: the body itself, or the first file of a multipart form. */
export async function uploadedBytes(body: Buffer, contentType: string): Promise<Uint8Array> {
  if (!contentType.startsWith('multipart/form-data')) return body;
  const form = await new Response(new Uint8Array(body), { headers: { 'content-type': contentType } }).formData();
  for (const value of form.values()) {
    return typeof value === 'string' ? Buffer.from(value) : new Uint8Array(await value.arrayBuffer());
  }
  return new Uint8Array();
}
