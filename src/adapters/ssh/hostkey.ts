import type { ServerHostKeyAlgorithm } from 'ssh2';

import { fingerprintOf } from '../../estate/host-key.ts';
import { type Refusal, refusal } from '../../kernel/errors.ts';
import { err, ok, type Result } from '../../kernel/result.ts';
import type { HostTarget } from '../../shell/transport.ts';

/** The keys one host may present. */
export interface HostKeys {
  readonly blobs: readonly Buffer[];
  /** What we ask the host to prove itself with: types that are pinned first. */
  readonly algorithms: ServerHostKeyAlgorithm[];
}

const ALGORITHMS: Readonly<Record<string, readonly ServerHostKeyAlgorithm[]>> = {
  'ssh-ed25519': ['ssh-ed25519'],
  'ecdsa-sha2-nistp256': ['ecdsa-sha2-nistp256'],
  'ecdsa-sha2-nistp384': ['ecdsa-sha2-nistp384'],
  'ecdsa-sha2-nistp521': ['ecdsa-sha2-nistp521'],
  'ssh-rsa': ['rsa-sha2-512', 'rsa-sha2-256'],
};

/** Reads the pins of a target; an unreadable one is refused rather than skipped. */
export function pinnedKeys(target: HostTarget): Result<HostKeys, Refusal> {
  const blobs: Buffer[] = [];
  const pinned = new Set<string>();
  for (const line of target.hostKeys) {
    const [type = '', text = ''] = line.trim().split(/\s+/);
    const blob = Buffer.from(text, 'base64');
    if (!(type in ALGORITHMS) || typeOf(blob) !== type) {
      return err(refusal('bad_configuration', `a pinned host key of ${target.name} is not an OpenSSH public key line`));
    }
    blobs.push(blob);
    pinned.add(type);
  }
  const types = [...pinned, ...Object.keys(ALGORITHMS).filter((type) => !pinned.has(type))];
  return ok({ blobs, algorithms: types.flatMap((type) => ALGORITHMS[type] ?? []) });
}

/** Is this one of the pinned keys? Called again at every change of session keys, so it decides and changes nothing. */
export function isPinned(keys: HostKeys, presented: Buffer): boolean {
  return keys.blobs.some((blob) => blob.equals(presented));
}

/** Why a presented key was turned down, with the fingerprints a person has to compare. */
export function hostKeyRefusal(target: HostTarget, keys: HostKeys, presented: Buffer): Refusal {
  const shown = `${typeOf(presented)} ${fingerprintOf(presented)}`;
  if (keys.blobs.length === 0) {
    return refusal('host_key_unknown', `no host key of ${target.name} is pinned; it presents ${shown}`);
  }
  const pinned = keys.blobs.map((blob) => `${typeOf(blob)} ${fingerprintOf(blob)}`).join(', ');
  return refusal('host_key_changed', `${target.name} presents the key ${shown}, but pinned is ${pinned}`);
}

/** The OpenSSH public key line of a raw key. */
export function publicKeyLine(blob: Buffer): string {
  return `${typeOf(blob)} ${blob.toString('base64')}`;
}

function typeOf(blob: Buffer): string {
  if (blob.length < 4) return 'unknown';
  const length = blob.readUInt32BE(0);
  return length <= 64 && blob.length > 4 + length ? blob.toString('latin1', 4, 4 + length) : 'unknown';
}
