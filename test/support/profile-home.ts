import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A data directory with these profiles in it, by file name; gone at the end of the block. */
export function profileHome(files: Readonly<Record<string, string>>): Disposable & { readonly home: string } {
  const home = mkdtempSync(join(tmpdir(), 'twokey-profiles-'));
  mkdirSync(join(home, 'profiles'));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(home, 'profiles', name), text);
  return { home, [Symbol.dispose]: () => rmSync(home, { recursive: true, force: true }) };
}
