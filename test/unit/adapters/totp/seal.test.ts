import { expect, it } from 'vitest';
import { KEY_BYTES, sealWith } from '../../../../src/adapters/totp/seal.ts';
import { randomKey } from '../../../../src/kernel/ids.ts';
import { Secret } from '../../../../src/kernel/secret.ts';

const seal = sealWith(randomKey(KEY_BYTES));
const secret = new Secret('GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ');

it('P8 a sealed secret opens for its person with its key, and in no other way', () => {
  const sealed = seal.seal(secret, 'U0APA');
  expect(seal.open(sealed, 'U0APA')?.reveal()).toBe(secret.reveal());
  expect(Buffer.from(sealed).toString('latin1')).not.toContain(secret.reveal().slice(0, 8));
  expect(seal.open(sealed, 'U0APB')).toBeNull();
  expect(sealWith(randomKey(KEY_BYTES)).open(sealed, 'U0APA')).toBeNull();
  for (let at = 0; at < sealed.length; at += 1) {
    const changed = Uint8Array.from(sealed);
    changed[at] = (changed[at] ?? 0) ^ 1;
    expect(seal.open(changed, 'U0APA')).toBeNull();
  }
  for (const length of [0, 1, 27, sealed.length - 1]) expect(seal.open(sealed.subarray(0, length), 'U0APA')).toBeNull();
});

it('the same secret is sealed differently each time', () => {
  expect(seal.seal(secret, 'U0APA')).not.toEqual(seal.seal(secret, 'U0APA'));
});
