import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';

import { configText, knownHostsText, linkFiles, plainTarget } from '../../../../../src/adapters/ssh/openssh/config.ts';
import { ok } from '../../../../../src/kernel/result.ts';
import { Secret } from '../../../../../src/kernel/secret.ts';
import type { HostTarget } from '../../../../../src/shell/transport.ts';
import { told } from '../../../../support/answers.ts';

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPvUz0mZWqTUP4rWJ0Y1n0hTkq9mCGyhnGrXv0nVb8aB';
const target: HostTarget = {
  name: 'db1',
  address: 'db1.example.com',
  port: 2222,
  user: 'deploy',
  hostKeys: [`${KEY} root@db1`],
  key: { file: '/etc/twokey/my key' },
  base: '/var/tmp/twokey/jobs',
};
const dir = mkdtempSync(join(tmpdir(), 'config-'));
afterAll(() => rmSync(dir, { recursive: true }));

/** What ssh itself makes of a configuration of ours: its own words for every option. */
function understood(of: HostTarget, bastion?: string): Map<string, string> {
  const files = linkFiles(dir);
  const way = bastion === undefined ? {} : { bastion: linkFiles(bastion) };
  writeFileSync(files.config, configText(of, files, { timeoutMs: 1500, idleMs: 300_000, ...way }));
  const ran = spawnSync('ssh', ['-G', '-F', files.config, 'target'], { encoding: 'utf8' });
  if (ran.status !== 0) throw new Error(ran.stderr);
  return new Map(ran.stdout.split('\n').map((line) => [line.split(' ')[0] ?? '', line.split(' ').slice(1).join(' ')]));
}

describe('the configuration that ssh is given', () => {
  it('P8 believes pinned keys only, asks nobody, forwards nothing', () => {
    const said = understood(target);
    expect(Object.fromEntries(said)).toMatchObject({
      hostname: 'db1.example.com',
      port: '2222',
      user: 'deploy',
      stricthostkeychecking: 'true',
      userknownhostsfile: `${dir}/known_hosts`,
      globalknownhostsfile: '/dev/null',
      updatehostkeys: 'false',
      canonicalizehostname: 'false',
      batchmode: 'yes',
      forwardagent: 'no',
      forwardx11: 'no',
      identityagent: 'none',
      identitiesonly: 'yes',
      identityfile: '/etc/twokey/my key',
      passwordauthentication: 'no',
      kbdinteractiveauthentication: 'no',
      permitlocalcommand: 'no',
      connecttimeout: '2',
      controlpersist: '300',
    });
    expect(said.get('proxycommand')).toBeUndefined();
  });

  it('asks for the passphrase only where there is one', () => {
    expect(understood({ ...target, passphrase: async () => ok(new Secret('x')) }).get('batchmode')).toBe('no');
  });

  it('uses nothing but the agent where the key is in one', () => {
    const said = understood({ ...target, key: { agent: '/run/agent.sock' }, certificate: '/etc/twokey/cert.pub' });
    expect([said.get('identityagent'), said.get('certificatefile')]).toEqual([
      '/run/agent.sock',
      '/etc/twokey/cert.pub',
    ]);
  });

  it('goes through the bastion by its link alone', () => {
    expect(understood(target, '/tmp/gate').get('proxycommand')).toBe(
      `ssh -F '/tmp/gate/config' -S '/tmp/gate/s' -E '${dir}/way' -o LogLevel=ERROR -o ProxyCommand=false -W '[%h]:%p' target`,
    );
  });

  it('lists authorities as such, and drops comments', () => {
    expect(knownHostsText({ ...target, hostAuthorities: [`${KEY} the firm`] })).toBe(
      `@cert-authority * ${KEY}\n* ${KEY}\n`,
    );
  });
});

describe('a target with a word that ssh would read as its own', () => {
  it.each<[string, Partial<HostTarget>]>([
    ['an option for an address', { address: '-oProxyCommand=id' }],
    ['a token in an address', { address: '%h' }],
    ['an option for a user', { user: '-l' }],
    ['a token in a user', { user: 'a%r' }],
    ['two lines for a user', { user: 'a\nProxyCommand id' }],
    ['a token in the key’s path', { key: { file: '/keys/%u' } }],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is a token of ssh
    ['a variable in the key’s path', { key: { file: '/keys/${HOME}' } }],
    ['a quote in the key’s path', { key: { file: '/keys/a" b' } }],
    ['a relative key', { key: { file: '-keys' } }],
    ['a token in the agent’s path', { key: { agent: '/run/%i' } }],
    ['a line feed in the certificate’s path', { certificate: '/a\nProxyCommand id' }],
    ['a pin that is none', { hostKeys: ['ssh-ed25519 %h'] }],
    ['an authority that is none', { hostAuthorities: ['* ssh-rsa AAAA'] }],
    ['a port that is none', { port: 70_000 }],
  ])('is refused: %s', (_name, change) => {
    expect(told(plainTarget({ ...target, ...change }))).toMatch(/^bad_configuration: .* for db1$/);
    expect(told(plainTarget(target))).toBe('ok');
  });
});
