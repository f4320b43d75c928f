import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadProfiles } from '../../src/estate/profile-load.ts';
import { CodedError } from '../../src/kernel/errors.ts';

/** A data directory with these profiles in it, by file name; gone at the end of the block. */
export function profileHome(files: Readonly<Record<string, string>>): Disposable & { readonly home: string } {
  const home = mkdtempSync(join(tmpdir(), 'twokey-profiles-'));
  mkdirSync(join(home, 'profiles'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(home, 'profiles', name), text);
  return { home, [Symbol.dispose]: () => rmSync(home, { recursive: true, force: true }) };
}

/** What is said of a data directory with these profiles in it, without the folder's name. */
export function complaints(files: Readonly<Record<string, string>>): string {
  using its = profileHome(files);
  try {
    loadProfiles(its.home);
    return 'loaded';
  } catch (error) {
    if (!(error instanceof CodedError && error.code === 'bad_configuration')) throw error;
    return error.message.replaceAll(join(its.home, 'profiles/'), '');
  }
}
