import { readFileSync } from 'node:fs';

/** How much is looked at: the machine alone, or everything that may be a site as well. */
export type LookParts = 'host' | 'all';

const text = (file: string) => readFileSync(new URL(file, import.meta.url), 'utf8');

/**
 * The one script that looks at a host, for a POSIX shell; one round trip, changes nothing, works for any account and
 * says what that account may not read. Its parameters are `parts` (LookParts) and `root`, the folder that stands for
 * `/`: empty on a host. What it prints is read by `readFrames`.
 */
export const LOOK = `${text('frames.sh')}${text('filters.sh')}${text('gather.sh')}`;
