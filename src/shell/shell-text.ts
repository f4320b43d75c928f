import { readFileSync } from 'node:fs';

/** The text of a `.sh` file of this folder as it is sent to hosts: without comments and indentation. */
export function shellText(file: string): string {
  const text = readFileSync(new URL(file, import.meta.url), 'utf8');
  return text.replaceAll(/^\s*#.*\n/gm, '').replaceAll(/^ +/gm, '');
}
