import { describe, expect, it } from 'vitest';
import { inQuotes, nameFrom } from '../../../../src/estate/import/names.ts';
import { hostsOf } from '../../../../src/estate/import/ssh-hosts.ts';
import {
  checkAlias,
  type Hop,
  readHops,
  readKnownKeys,
  readSettings,
} from '../../../../src/estate/import/ssh-settings.ts';
import { refusal } from '../../../../src/kernel/errors.ts';
import { err } from '../../../../src/kernel/result.ts';

describe('a name from the command line or from others', () => {
  it.each([
    '-oProxyCommand=id',
    '%h',
    'a\nb',
    'a b',
    '',
    '$(id)',
    '`id`',
    "a'b",
    'a/b',
    'a@b',
    'é',
    'x'.repeat(256),
    'a,b',
    'a;b',
  ])('is refused as the name of a host: %j', (word) => {
    expect(checkAlias(word)).toMatchObject({ code: 'bad_arguments' });
  });
  it.each(['web', 'web-1', 'Web_1', '10.0.0.1', '::1', 'a.b.c'])('%s is one', (word) => {
    expect(checkAlias(word)).toBeNull();
  });
  it.each([
    ['Shotgun In Vagrant', 'shotgun-in-vagrant'],
    ['Web_1', 'web-1'],
    ['a..b', 'a.b'],
    ['-.x-.-', 'x'],
    ['::1', '1'],
    [`${'a'.repeat(59)}-b`, 'a'.repeat(59)],
  ])('%s becomes %s', (foreign, name) => {
    expect(nameFrom(foreign)).toEqual({ ok: true, value: name });
  });
  it('is refused when nothing is left, and shown without its control characters', () => {
    expect(nameFrom('日本')).toMatchObject({ error: { code: 'bad_arguments' } });
    expect(inQuotes('\u001b[31m\n\u202e\u009b')).toBe('"\\u001b[31m\\n??"');
  });
});

describe('a ProxyJump', () => {
  it('is read hop by hop', () => {
    expect(readHops('ann@b:33,[::1]:22,c')).toEqual({
      ok: true,
      value: [
        { alias: 'b', user: 'ann', port: 33 },
        { alias: '::1', user: null, port: 22 },
        { alias: 'c', user: null, port: null },
      ],
    });
    expect(readHops('none')).toEqual({ ok: true, value: [] });
  });
  it.each(['-oX', 'a@-b', 'a:0', 'a:65536', 'a b', '%h', 'x@@y', 'a:1:2', ',', '$(id)'])('is refused: %s', (text) => {
    expect(readHops(text).ok).toBe(false);
  });
});

const printed = (change: Record<string, string> = {}) =>
  Object.entries({
    host: 'web',
    user: 'app',
    hostname: '10.0.0.5',
    port: '22',
    userknownhostsfile: '/h/k /h/k2',
    globalknownhostsfile: '/e/k',
    ...change,
  })
    .map(([key, value]) => `${key} ${value}`)
    .join('\n');

describe('what ssh -G prints', () => {
  it('is read, with the name under which the host’s keys are looked for', () => {
    expect(readSettings('web', `${printed({ proxyjump: 'bastion' })}\nidentityfile ~/a\nidentityfile ~/b`)).toEqual({
      ok: true,
      value: {
        address: '10.0.0.5',
        port: 22,
        user: 'app',
        identityFiles: ['~/a', '~/b'],
        hops: [{ alias: 'bastion', user: null, port: null }],
        keyName: '10.0.0.5',
        knownHostsFiles: ['/h/k', '/h/k2', '/e/k'],
      },
    });
    expect(readSettings('web', printed({ port: '2200' }))).toMatchObject({ value: { keyName: '[10.0.0.5]:2200' } });
    expect(readSettings('web', printed({ port: '2200', hostkeyalias: 'w' }))).toMatchObject({
      value: { keyName: 'w' },
    });
  });
  it.each<[string, Record<string, string>]>([
    ['ProxyCommand', { proxycommand: 'nc %h %p' }],
    ['HostName', { hostname: '-x' }],
    ['HostName', { hostname: 'a b' }],
    ['HostName', { hostname: '%h' }],
    ['User', { user: 'Ann' }],
    ['User', { user: '-l' }],
    ['Port', { port: '0' }],
    ['ProxyJump', { proxyjump: '-oX' }],
    ['HostKeyAlias', { hostkeyalias: '-f' }],
  ])('is refused for its %s: %o', (what, change) => {
    expect(readSettings('web', printed(change))).toMatchObject({ error: { message: expect.stringContaining(what) } });
  });
});

describe('known hosts', () => {
  it('give keys, hashed names too, and tell revoked ones apart; authorities are no keys of a host', () => {
    const text = [
      '# Host h found: line 1',
      'h ssh-ed25519 AAAA1 a comment',
      '|1|salt=|hash= ecdsa-sha2-nistp256 AAAA2',
      '@revoked h ssh-ed25519 AAAA3',
      '@cert-authority h ssh-rsa AAAA4',
      'h sk-ssh-ed25519@openssh.com AAAA5',
      'rubbish',
    ].join('\n');
    expect(readKnownKeys(text)).toEqual({
      keys: ['ssh-ed25519 AAAA1', 'ecdsa-sha2-nistp256 AAAA2'],
      revoked: ['ssh-ed25519 AAAA3'],
    });
  });
});

describe('the hosts on the way', () => {
  const world = (config: Record<string, string>) => (hop: Hop) => {
    const jump = config[hop.alias];
    if (jump === undefined) return Promise.resolve(err(refusal('bad_configuration', `no ${hop.alias}`)));
    const change = { hostname: hop.alias, user: hop.user ?? 'app', port: String(hop.port ?? 22) };
    return Promise.resolve(readSettings(hop.alias, printed(jump === '' ? change : { ...change, proxyjump: jump })));
  };
  const found = async (config: Record<string, string>, ...aliases: string[]) => {
    const hosts = await hostsOf(aliases, world(config));
    return hosts.ok
      ? hosts.value.map((one) => `${one.name}<${one.jump ?? ''}${one.asked ? '*' : ''}`)
      : hosts.error.message;
  };

  it('are each one host, and each hop is reached over the one before it', async () => {
    expect(await found({ web: 'a,b', a: '', b: '' }, 'web')).toEqual(['a<', 'b<a', 'web<b*']);
  });
  it('the first of several is reached as its own configuration says', async () => {
    expect(await found({ web: 'a,b', a: 'outer', b: 'elsewhere', outer: '' }, 'web')).toEqual([
      'outer<',
      'a<outer',
      'b<a',
      'web<b*',
    ]);
  });
  it('are there once for several, and asked for when also named', async () => {
    expect(await found({ web: 'a', db: 'a', a: '' }, 'web', 'db', 'a')).toEqual(['a<*', 'web<a*', 'db<a*']);
  });
  it('are refused in a circle, with two ways to one, and with two of one name', async () => {
    expect(await found({ web: 'a', a: 'web' }, 'web')).toContain('goes round in a circle: web, a, web');
    expect(await found({ web: 'ann@a', db: 'a', a: '' }, 'web', 'db')).toContain(
      'The host a would be two things: a (ann@a:22) and a (app@a:22)',
    );
    expect(await found({ Web: '', web: '' }, 'Web', 'web')).toContain('The host web would be two things');
  });
});
