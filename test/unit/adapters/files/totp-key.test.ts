import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { totpKey } from '../../../../src/adapters/files/secrets.ts';

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'twokey-key-'));
});
afterEach(() => rm(home, { recursive: true, force: true }));
const file = () => join(home, 'secrets', 'totp-key');

it('the key is made on first use, once, and nobody else can read it', async () => {
  expect(await totpKey(home, 32, false)).toMatchObject({ ok: false, error: { code: 'totp_key' } });
  const made = await Promise.all([totpKey(home, 32, true), totpKey(home, 32, true)]);
  const key = await totpKey(home, 32, true);
  expect(key).toMatchObject({ ok: true });
  expect(key.ok && key.value.length).toBe(32);
  expect(await totpKey(home, 32, false)).toEqual(key);
  expect(made).toEqual([key, key]);
  expect(await readdir(join(home, 'secrets'))).toEqual(['totp-key']);
  expect((await stat(file())).mode & 0o777).toBe(0o600);
});

it('a key that others can read, or that is none, is refused with what to do', async () => {
  await totpKey(home, 32, true);
  await chmod(file(), 0o644);
  expect(await totpKey(home, 32, false)).toMatchObject({
    ok: false,
    error: { code: 'totp_key', message: expect.stringContaining('can be read by others') },
  });
  await chmod(file(), 0o600);
  await writeFile(file(), (await readFile(file(), 'utf8')).slice(0, 20));
  expect(await totpKey(home, 32, true)).toMatchObject({
    ok: false,
    error: { message: expect.stringContaining('holds no key of 32 bytes') },
  });
});
