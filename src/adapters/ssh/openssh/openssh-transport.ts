import type { Transport } from '../../../shell/transport.ts';
import { createPooledTransport, DEFAULT_IDLE_MS, type PooledOptions } from '../pooled-transport.ts';
import { createOpensshDriver } from './driver.ts';

/** A transport over the system's own ssh client: for certificates, and whatever else the ssh2 library has not. */
export function createOpensshTransport(options: PooledOptions = {}): Transport {
  const driver = createOpensshDriver(options.idleMs ?? DEFAULT_IDLE_MS);
  const pooled = createPooledTransport(driver, options);
  return {
    exec: (target, stdin, how) => pooled.exec(target, stdin, how),
    borrow: (target, opening, how) => pooled.borrow(target, opening, how),
    async close() {
      await pooled.close();
      await driver.dispose();
    },
  };
}
