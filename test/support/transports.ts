import { createOpensshTransport } from '../../src/adapters/ssh/openssh/openssh-transport.ts';
import type { PooledOptions } from '../../src/adapters/ssh/pooled-transport.ts';
import { createSsh2Transport } from '../../src/adapters/ssh/ssh2-transport.ts';
import type { Transport } from '../../src/shell/transport.ts';

interface Way {
  readonly way: 'ssh2' | 'openssh';
  readonly create: (options?: PooledOptions) => Transport;
  /** How often a link is cut where that is the point. */
  readonly cuts: number;
}

/** Both ways of speaking SSH; what is promised of one is promised of the other. */
export const TRANSPORTS: readonly Way[] = [
  { way: 'ssh2', create: createSsh2Transport, cuts: 30 },
  { way: 'openssh', create: createOpensshTransport, cuts: 10 },
];
