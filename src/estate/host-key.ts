import { createHash } from 'node:crypto';

/** A host key as people compare it. */
export interface HostKey {
  /** `ssh-ed25519 AAAA…`, as it is pinned; without the comment. */
  readonly line: string;
  /** `ssh-ed25519`. */
  readonly type: string;
  /** `SHA256:…`, as `ssh-keygen -lf` prints it. */
  readonly fingerprint: string;
}

/** Reads an OpenSSH public key line. */
export function readKeyLine(text: string): HostKey {
  const [type = '', blob = ''] = text.trim().split(/\s+/);
  return { line: `${type} ${blob}`, type, fingerprint: fingerprintOf(Buffer.from(blob, 'base64')) };
}

/** `SHA256:…` of a raw key, as `ssh-keygen -l` prints it. */
export function fingerprintOf(blob: Uint8Array): string {
  return `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`;
}

/** `ssh-ed25519 SHA256:…`. */
export function hostKeyInWords({ type, fingerprint }: HostKey): string {
  return `${type} ${fingerprint}`;
}
