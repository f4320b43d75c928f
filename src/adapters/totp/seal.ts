import { createCipheriv, createDecipheriv } from 'node:crypto';
import type { Seal } from '../../../approvals/step-up-ports.ts';
import { randomKey } from '../../kernel/ids.ts';
import { Secret } from '../../kernel/secret.ts';

const CIPHER = 'aes-256-gcm';
/** Bytes of the key; of the nonce and the tag as NIST SP 800-38D recommends. */
export const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** Seals with AES-256-GCM: nonce, tag, ciphertext. The person is bound to it, so that nobody's secret serves another. */
export function sealWith(key: Uint8Array): Seal {
  return {
    seal(secret, person) {
      const nonce = randomKey(NONCE_BYTES);
      const cipher = createCipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES }).setAAD(Buffer.from(person));
      const text = Buffer.concat([cipher.update(secret.reveal(), 'utf8'), cipher.final()]);
      return Buffer.concat([nonce, cipher.getAuthTag(), text]);
    },
    open(sealed, person) {
      if (sealed.length < NONCE_BYTES + TAG_BYTES) return null;
      const tagEnd = NONCE_BYTES + TAG_BYTES;
      const decipher = createDecipheriv(CIPHER, key, sealed.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
      decipher.setAAD(Buffer.from(person)).setAuthTag(sealed.subarray(NONCE_BYTES, tagEnd));
      try {
        const text = Buffer.concat([decipher.update(sealed.subarray(tagEnd)), decipher.final()]);
        return new Secret(text.toString('utf8'));
      } catch {
        // The tag does not fit: another key, another person, or changed bytes.
        return null;
      }
    },
  };
}
