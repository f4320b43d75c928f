import { createOpensshTransport } from '../../src/adapters/ssh/openssh/openssh-transport.ts';
import { createSsh2Transport } from '../../src/adapters/ssh/ssh2-transport.ts';

/** Both ways of speaking SSH; what is promised of one is promised of the other. `cuts`: how often a link is cut where that is the point. */
export const TRANSPORTS = [
  { way: 'ssh2', create: createSsh2Transport, cuts: 30 },
  { way: 'openssh', create: createOpensshTransport, cuts: 10 },
];
