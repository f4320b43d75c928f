import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { join } from 'node:path';

/** A server on loopback with a certificate of its own, which whoever trusts `certificate` believes. */
export interface TestHttps extends AsyncDisposable {
  readonly port: number;
  /** File of the certificate. */
  readonly certificate: string;
}

/** Starts a server whose certificate is for 127.0.0.1 and localhost; the key lies in `folder`. */
export async function startHttps(
  folder: string,
  answer: (request: IncomingMessage, response: ServerResponse) => void,
): Promise<TestHttps> {
  const [key, certificate] = [join(folder, 'https-key.pem'), join(folder, 'https-cert.pem')];
  const made = spawnSync('openssl', [
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-days',
    '2',
    '-subj',
    '/CN=localhost',
    '-addext',
    'subjectAltName=IP:127.0.0.1,DNS:localhost',
    '-keyout',
    key,
    '-out',
    certificate,
  ]);
  if (made.status !== 0) throw new Error(`no certificate could be made: ${made.stderr.toString()}`);
  const server = createServer({ key: readFileSync(key), cert: readFileSync(certificate) }, answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return {
    port: address.port,
    certificate,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
