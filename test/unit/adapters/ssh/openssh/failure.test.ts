import { describe, expect, it } from 'vitest';

import { connectFailure } from '../../../../../src/adapters/ssh/openssh/failure.ts';
import type { HostTarget } from '../../../../../src/shell/transport.ts';

const target: HostTarget = {
  name: 'db1',
  address: '192.0.2.7',
  port: 22,
  user: 'deploy',
  hostKeys: ['ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPvUz0mZWqTUP4rWJ0Y1n0hTkq9mCGyhnGrXv0nVb8aB'],
  key: { file: '/key' },
  base: '/jobs',
};

/** Words of OpenSSH 9.2 and 9.6. */
describe('what ssh says becomes what the library would have said', () => {
  it.each<[string, string, RegExp, boolean]>([
    [
      'nobody listens',
      'debug1: Connecting to x\nssh: connect to host 192.0.2.7 port 22: Connection refused\r\n',
      /^host_unreachable: db1 \(192.0.2.7:22\) cannot be reached: connect to host .*Connection refused$/,
      false,
    ],
    ['no such name', 'ssh: Could not resolve hostname db1: Name or service not known', /^host_unreachable/, false],
    ['too busy', 'kex_exchange_identification: read: Connection reset by peer', /^host_unreachable/, true],
    ['dropped', 'Connection closed by 192.0.2.7 port 22', /^host_unreachable/, true],
    [
      'not let in',
      'deploy@192.0.2.7: Permission denied (publickey).',
      /^host_auth_failed: db1 does not let deploy/,
      false,
    ],
    [
      'a key that is none',
      'Load key "/key": invalid format\ndeploy@x: Permission denied (publickey).',
      /^host_auth_failed: the key for db1 cannot be used: invalid format$/,
      false,
    ],
    [
      'a locked key',
      'debug1: Server accepts key: /key ED25519\ndeploy@x: Permission denied (publickey).',
      /^host_auth_failed: the key for db1 cannot be used: its passphrase is wrong or missing$/,
      false,
    ],
    [
      'another key',
      'debug1: Server host key: ssh-ed25519 SHA256:abc\nHost key verification failed.',
      /^host_key_changed: db1 presents the key ssh-ed25519 SHA256:abc, but pinned is ssh-ed25519 SHA256:\S{43}$/,
      false,
    ],
    [
      'no common words',
      'Unable to negotiate with x port 22: no matching cipher found. Their offer: 3des-cbc',
      /^protocol_error/,
      false,
    ],
    [
      'an ssh that is too old',
      '/x/config: line 9: Bad configuration option: stricthostkeychecking2',
      /^bad_configuration: the ssh program here cannot be used for db1: .*line 9/,
      false,
    ],
    ['nothing', '', /^host_unreachable: .*ssh ended without a word$/, false],
  ])('%s', (_name, said, told, retry) => {
    const failure = connectFailure(target, said);
    expect(`${failure.refusal.code}: ${failure.refusal.message}`).toMatch(told);
    expect(failure.retry).toBe(retry);
  });

  it('R13 tells a bastion that finds no way from one whose link has died', () => {
    const closed = 'Connection closed by UNKNOWN port 65535';
    const noWay = connectFailure(target, closed, {
      name: 'gate',
      said: 'Stdio forwarding request failed: Session open refused by peer\r\n',
    });
    expect(noWay.refusal.message).toContain('the bastion gate finds no way to it: Stdio forwarding');
    expect(noWay.refusal.next).toBe('Check that db1 is up, and that gate may connect to its port 22.');
    expect(noWay.bastionLost).toBe(false);
    const dead = connectFailure(target, closed, { name: 'gate', said: 'Connection closed by UNKNOWN port 65535' });
    expect(dead.bastionLost).toBe(true);
    const fromHost = connectFailure(target, closed, { name: 'gate', said: '' });
    expect([fromHost.bastionLost, fromHost.retry]).toEqual([undefined, true]);
  });

  it('asks for a pin where there is none', () => {
    const said = 'debug1: Server host key: ssh-ed25519 SHA256:abc\nHost key verification failed.';
    expect(connectFailure({ ...target, hostKeys: [] }, said).refusal.message).toBe(
      'no host key of db1 is pinned; it presents ssh-ed25519 SHA256:abc',
    );
  });
});
