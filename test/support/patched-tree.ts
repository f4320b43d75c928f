import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { ShippedFile } from '../../src/estate/release-manifest.ts';
import type { Host } from '../../src/estate/types.ts';
import { ok } from '../../src/kernel/result.ts';
import type { HostPort } from '../../src/operations/ports.ts';
import { scriptWith } from '../../src/shell/scripts.ts';
import { estate, hostInput } from './builders.ts';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

/** A file as a release ships it, with its content. */
export function shippedFile(path: string, body: string): ShippedFile & { readonly body: string } {
  return { path, size: Buffer.byteLength(body), sha256: sha256(body), link: null, body };
}

export function shippedLink(path: string, link: string): ShippedFile {
  return { path, size: 0, sha256: null, link };
}

/** An empty folder that every account may look into. */
export function releaseFolder(): string {
  const root = mkdtempSync(join(tmpdir(), 'twokey-patches-'));
  chmodSync(root, 0o755);
  return root;
}

/** Puts files and links where a release would. */
export function unpack(root: string, files: readonly (ShippedFile & { readonly body?: string })[]): void {
  for (const { path, link, body = '' } of files) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    if (link === null) writeFileSync(join(root, path), body);
    else symlinkSync(link, join(root, path));
  }
}

/** The account that answers: never root, which may read everything. */
const ACCOUNT = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};

/** A host whose questions a shell of this machine answers, for an account without privileges. */
export function hostHere(shell: readonly [string, ...string[]] = ['/bin/sh']): {
  readonly host: Host;
  readonly hosts: Pick<HostPort, 'run'>;
} {
  const host = estate([hostInput('app1')], []).hosts.get('app1');
  if (!host) throw new Error('there is no host');
  return {
    host,
    hosts: {
      run: (_host, script, params, options) => {
        const [program, ...args] = shell;
        const ran = spawnSync(program, [...args, '-c', scriptWith(script, params)], {
          input: options?.stdin?.reveal() ?? '',
          maxBuffer: 1e8,
          cwd: '/',
          ...ACCOUNT,
          timeout: options?.timeoutMs,
        });
        return Promise.resolve(ok({ code: ran.status ?? 255, output: new Uint8Array(ran.stdout) }));
      },
    },
  };
}
