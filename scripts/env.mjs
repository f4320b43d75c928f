import { existsSync, readFileSync } from 'node:fs';

/**
 * The environment with the variables of a `.env` file below it: what is set outside wins, an empty one counts as
 * absent. Lines are `NAME=value`, with `#` comments and optional quotes.
 */
export function environmentWith(file, outside = process.env) {
  const found = {};
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  for (const line of text.split(/\r?\n/)) {
    const match = /^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=\s*(.*?)\s*$/.exec(line);
    if (!match) continue;
    const [, name, raw] = match;
    const quoted = /^(["'])(.*)\1(?:\s+#.*)?$/.exec(raw);
    const value = quoted ? quoted[2] : raw.replace(/(^|\s+)#.*$/, '');
    if (value !== '') found[name] = value;
  }
  for (const [name, value] of Object.entries(outside)) if (value !== '') found[name] = value;
  return found;
}
