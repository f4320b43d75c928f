import { createHash, randomBytes, randomUUID } from 'node:crypto';

/** Crockford's base 32 without i, l, o and u, so that an id survives being read out over a telephone. */
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';

/** A new operation id: 8 characters, 40 random bits. The database's primary key settles the rare collision. */
export function newOperationId(): string {
  return [...randomBytes(8)].map((byte) => ALPHABET[byte % 32]).join('');
}

/** A random UUID, for processes, envelopes and whatever no person has to type. */
export function newUuid(): string {
  return randomUUID();
}

/** Random bytes fit for a key. */
export function randomKey(bytes: number): Uint8Array {
  return randomBytes(bytes);
}

/** A random whole number from 0 (included) to `limit` (excluded), for jitter. */
export function jitter(limit: number): number {
  return Math.floor(Math.random() * limit);
}

/** Lower-case hexadecimal SHA-256. */
export function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}
