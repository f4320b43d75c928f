import type { Transport } from '../../shell/transport.ts';
import { createPooledTransport, type PooledOptions } from './pooled-transport.ts';
import { ssh2Driver } from './ssh2-driver.ts';

/** A transport over the ssh2 library, with one pool of connections for the whole process. */
export function createSsh2Transport(options: PooledOptions = {}): Transport {
  return createPooledTransport(ssh2Driver, options);
}
