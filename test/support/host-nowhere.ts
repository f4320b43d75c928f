import type { HostTarget } from '../../src/shell/transport.ts';

/** How to reach a host that is not there (192.0.2.0/24 is for documentation, RFC 5737): for tests in which nobody dials. */
export const hostNowhere = (name = 'testhost'): HostTarget => ({
  name,
  address: '192.0.2.7',
  port: 22,
  user: 'deploy',
  hostKeys: [],
  key: { file: '/key' },
  base: '/jobs',
});
