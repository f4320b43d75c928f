import type { HostTarget, Transport } from '../../shell/transport.ts';
import { createOpensshTransport } from './openssh/openssh-transport.ts';
import { createSsh2Transport } from './ssh2-transport.ts';

/** The transport for every host: each is spoken to as it asks for. */
export function createTransport(): Transport {
  const [library, program] = [createSsh2Transport(), createOpensshTransport()];
  return {
    exec: (target, stdin, options) => (needsProgram(target) ? program : library).exec(target, stdin, options),
    async close() {
      await Promise.all([library.close(), program.close()]);
    },
  };
}

/** One hop that needs the system's client brings the whole way to it. */
function needsProgram(target: HostTarget): boolean {
  return target.transport === 'openssh' || (target.jump !== undefined && needsProgram(target.jump));
}
