import { readFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { extname, join, normalize, sep } from 'node:path';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.woff2': 'font/woff2',
  '.ico': 'image/x-icon',
};

/** Serves a file of the built page. False when there is none. */
export async function serveStatic(pageDir: string, path: string, response: ServerResponse): Promise<boolean> {
  const root = normalize(pageDir);
  let file: string;
  try {
    file = normalize(join(root, decodeURIComponent(path === '/' ? '/index.html' : path)));
  } catch {
    return false;
  }
  if (!file.startsWith(root + (root.endsWith(sep) ? '' : sep))) return false;
  let bytes: Buffer;
  try {
    bytes = await readFile(file);
  } catch {
    return false;
  }
  response.writeHead(200, {
    'content-type': TYPES[extname(file)] ?? 'application/octet-stream',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
  });
  response.end(bytes);
  return true;
}
