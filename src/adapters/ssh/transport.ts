import type { HostTarget, Transport } from '../../shell/transport.ts';
import { createOpensshTransport } from './openssh/openssh-transport.ts';
import type { PooledOptions } from './pooled-transport.ts';
import { createSsh2Transport } from './ssh2-transport.ts';

/** The transport for every host: each is spoken to as it asks for. */
export function createTransport(options: PooledOptions = {}): Transport {
  const [library, program] = [createSsh2Transport(options), createOpensshTransport(options)];
  const speaker = (target: HostTarget): Transport => (needsProgram(target) ? program : library);
  return {
    exec: (target, stdin, options) => speaker(target).exec(target, stdin, options),
    borrow: (target, opening, options) => speaker(target).borrow(target, opening, options),
    async close() {
      await Promise.all([library.close(), program.close()]);
    },
  };
}

/** One hop that needs the system's client brings the whole way to it. */
export function needsProgram(target: HostTarget): boolean {
  return target.transport === 'openssh' || (target.jump !== undefined && needsProgram(target.jump));
}
