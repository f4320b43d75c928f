import { createServer, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readHostKey } from '../../../src/adapters/ssh/presented-key.ts';
import type { HostTarget } from '../../../src/shell/transport.ts';
import { drained, told, unwrap } from '../../support/answers.ts';
import { openLink, type TestLink } from '../../support/link.ts';
import { startSshd } from '../../support/sshd.ts';
import { TRANSPORTS } from '../../support/transports.ts';

describe.each(TRANSPORTS)('over $way', ({ way, create }) => {
  let link: TestLink;
  beforeAll(async () => {
    link = await openLink(create);
  });
  afterAll(() => link[Symbol.asyncDispose]());

  describe('hosts that must not or cannot be reached', () => {
    it('refuses a changed key, with both fingerprints', async () => {
      await using host = await startSshd();
      expect(told(await link.jobs.run(host.target, 'true', {}))).toBe('ok');
      await host.changeHostKey();
      await host.restart();

      expect(told(await link.jobs.run(host.target, 'true', {}))).toMatch(
        /^host_key_changed: testhost presents the key ssh-ed25519 SHA256:\S{43}, but pinned is ssh-ed25519 SHA256:\S{43}$/,
      );
    });

    it('refuses a host without a pin, and shows what it presents', async () => {
      const unknown = { ...link.target, hostKeys: [] };
      expect(told(await link.jobs.probe(unknown))).toMatch(
        /^host_key_unknown: .*it presents ssh-ed25519 SHA256:\S{43}$/,
      );
      expect(unwrap(await readHostKey(unknown))).toBe(link.target.hostKeys[0]);
    });

    it('refuses a pin that is none, rather than skip it', async () => {
      const hostKeys = [...link.target.hostKeys, 'ssh-ed25519 bm9uc2Vuc2U='];
      expect(told(await link.jobs.probe({ ...link.target, hostKeys }))).toMatch(/^bad_configuration/);
    });

    it('says that the key does not open the account, or cannot be read', async () => {
      await using other = await startSshd();
      expect(told(await link.jobs.probe({ ...link.target, key: other.target.key }))).toMatch(
        /^host_auth_failed: testhost does not let/,
      );
      expect(told(await link.jobs.probe({ ...link.target, key: { file: '/nowhere/key' } }))).toMatch(
        /^host_auth_failed: .*ENOENT/,
      );
      expect(told(await link.jobs.probe({ ...link.target, key: { file: '/etc/passwd' } }))).toMatch(
        /^host_auth_failed: .*cannot be used/,
      );
    });

    it('says that nobody listens, and that a peer is no ssh server', async () => {
      await using stopped = await startSshd();
      await stopped.stop();
      expect(told(await link.jobs.probe(stopped.target))).toMatch(
        /^host_unreachable: testhost .*(?:ECONNREFUSED|refused)/,
      );

      await using web = await listening((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'));
      expect(told(await link.jobs.probe({ ...link.target, port: web.port }))).toMatch(
        /^(host_unreachable|protocol_error): testhost/,
      );
    });

    it('finds a silent peer out in time', async () => {
      await using silent = await listening(() => undefined);
      const result = await link.transport.exec({ ...link.target, port: silent.port }, 'true\n', { timeoutMs: 300 });
      expect(told(result)).toMatch(/^host_unreachable/);
    });
  });

  describe('a bastion', () => {
    it('leads to the host behind it, and its own failures name it', async () => {
      await using gate = await startSshd();
      const bastion: HostTarget = { ...gate.target, name: 'gate' };
      const behind: HostTarget = { ...link.target, jump: bastion };

      const results = await Promise.all(
        Array.from({ length: 12 }, () => link.jobs.run(behind, 'echo "$SSH_CONNECTION"', {})),
      );
      expect(results.map(told)).toEqual(Array(12).fill('ok'));

      const wrongGate = { ...bastion, hostKeys: link.target.hostKeys };
      expect(told(await link.jobs.probe({ ...link.target, jump: wrongGate }))).toMatch(
        /^host_key_changed: the bastion of testhost: gate presents/,
      );
      expect(told(await link.jobs.probe({ ...behind, hostKeys: gate.target.hostKeys }))).toMatch(
        /^host_key_changed: testhost presents/,
      );
      // The key of a host behind it can be looked at as well, but only through a bastion that is known.
      expect(unwrap(await readHostKey({ ...behind, hostKeys: [] }))).toBe(link.target.hostKeys[0]);
      expect(told(await readHostKey({ ...behind, jump: wrongGate }))).toMatch(
        /^host_key_changed: the bastion of testhost/,
      );
      await using deaf = await startSshd();
      await deaf.stop();
      expect(told(await link.jobs.probe({ ...behind, port: deaf.target.port }))).toMatch(
        /^host_unreachable: testhost .*the bastion gate finds no way to it/,
      );
      expect(told(await link.jobs.probe({ ...link.target, jump: { ...deaf.target, name: 'gate' } }))).toMatch(
        /^host_unreachable: the bastion of testhost: gate .*(?:ECONNREFUSED|refused)/,
      );
    });

    it('is not waited for behind it, when it accepts and says nothing', async () => {
      await using gate = await startSshd();
      await using silent = await listening(() => undefined);
      const jump: HostTarget = { ...gate.target, name: 'gate', transport: way };
      // Time enough to get through the bastion.
      expect(told(await readHostKey({ ...link.target, port: silent.port, jump }, 2_500))).toMatch(
        /^host_unreachable: testhost /,
      );
    });
  });

  describe('floods', () => {
    it('is not held up by a flood on stderr', async () => {
      const stream = unwrap(await link.transport.exec(link.target, 'head -c 6000000 /dev/zero >&2; echo ok; exit 5\n'));
      expect(await drained(stream)).toBe(3);
      expect(await stream.closed).toEqual({ code: 5 });
    });

    it('keeps memory bounded when nobody takes the bytes, and loses none', async () => {
      const size = 200 * 1024 * 1024;
      const stream = unwrap(await link.transport.exec(link.target, `head -c ${size} /dev/zero; exit 0\n`));
      const before = process.memoryUsage().rss;
      const reader = stream.stdout[Symbol.asyncIterator]();
      let total = (await reader.next()).value?.length ?? 0;
      // Other sessions of the same connection go on meanwhile.
      for (let round = 0; round < 10; round += 1) expect(told(await link.jobs.run(link.target, 'true', {}))).toBe('ok');
      expect((process.memoryUsage().rss - before) / 2 ** 20).toBeLessThan(40);
      for (let next = await reader.next(); !next.done; next = await reader.next()) total += next.value.length;
      expect(total).toBe(size);
      expect((process.memoryUsage().rss - before) / 2 ** 20).toBeLessThan(120);
    });

    it('says null for a shell that was killed, and for a link that was lost', async () => {
      const killed = unwrap(await link.transport.exec(link.target, 'kill -9 $$\n'));
      await drained(killed);
      expect(await killed.closed).toEqual({ code: null });

      const lost = unwrap(await link.transport.exec(link.target, 'echo up; sleep 3\n'));
      for await (const _chunk of lost.stdout) await link.sshd.cutConnections();
      expect(await lost.closed).toEqual({ code: null });
    });
  });
});

/** A peer on loopback that is no ssh server. */
async function listening(answer: (socket: Socket) => void): Promise<AsyncDisposable & { readonly port: number }> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return { port: address.port, [Symbol.asyncDispose]: async () => void server.close() };
}
