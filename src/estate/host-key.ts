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
  const digest = createHash('sha256').update(Buffer.from(blob, 'base64')).digest('base64');
  return { line: `${type} ${blob}`, type, fingerprint: `SHA256:${digest.replace(/=+$/, '')}` };
}

/** `ssh-ed25519 SHA256:…`. */
export function hostKeyInWords({ type, fingerprint }: HostKey): string {
  return `${type} ${fingerprint}`;
}
