import { type Refusal, refusal } from '../../kernel/errors.ts';
import { err, ok, type Result } from '../../kernel/result.ts';
import type { HostTarget, Transport } from '../../shell/transport.ts';
import { connectSsh } from './connect.ts';
import { publicKeyLine } from './hostkey.ts';
import { createPooledTransport, type PooledOptions } from './pooled-transport.ts';
import { ssh2Driver } from './ssh2-driver.ts';

/** A transport over the ssh2 library, with one pool of connections for the whole process. */
export function createSsh2Transport(options: PooledOptions = {}): Transport {
  return createPooledTransport(ssh2Driver, options);
}

/** The public key line that a host presents now, pinned or not, for a person to compare before it is pinned. */
export async function readHostKey(target: HostTarget, timeoutMs = 10_000): Promise<Result<string, Refusal>> {
  const result = await connectSsh({ ...target, hostKeys: [] }, { timeoutMs });
  if (result.ok) {
    result.value.client.end();
    return err(refusal('internal', `${target.name} was let through without a pin`));
  }
  const { presented, refusal: refused } = result.error;
  return presented === undefined ? err(refused) : ok(publicKeyLine(presented));
}
