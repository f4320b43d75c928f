import type { Estate, Host } from '../../estate/types.ts';
import { coded, type Refusal, refusal } from '../../kernel/errors.ts';
import { err, ok, type Result } from '../../kernel/result.ts';
import { noShell } from '../../operations/no-shell.ts';
import type { HostPort, SecretPort } from '../../operations/ports.ts';
import type { Jobs } from '../../shell/jobs.ts';
import type { HostTarget } from '../../shell/transport.ts';

/** What is ours rather than the host's. */
export interface OwnKeys {
  readonly secrets: SecretPort;
  /** The ssh-agent of the process, if it was started with one. */
  readonly agentSocket: string | undefined;
}

/** The way to a host of the estate, with the bastions on it. Refuses hosts without a shell: nobody connects to them. */
export function targetOf(estate: Estate, host: Host, own: OwnKeys, depth = 0): Result<HostTarget, Refusal> {
  if (host.shell === 'none') return err(noShell(host));
  if (depth > 5) return err(refusal('bad_configuration', `the jump hosts of ${host.name} go round in a circle`));
  if (host.user === undefined) return err(refusal('bad_configuration', `there is no user for ${host.name}`));
  const jumpHost = host.jump === undefined ? undefined : estate.hosts.get(host.jump);
  const jump = jumpHost === undefined ? undefined : targetOf(estate, jumpHost, own, depth + 1);
  if (jump && !jump.ok) return jump;
  const secret = host.key_passphrase_secret;
  return ok({
    name: host.name,
    address: host.address,
    port: host.port,
    user: host.user,
    hostKeys: host.host_keys,
    key: keyOf(host, own),
    base: host.base,
    transport: host.transport,
    hostAuthorities: host.host_ca,
    ...(secret === undefined ? {} : { passphrase: () => own.secrets.read(secret) }),
    ...(host.certificate_file === undefined ? {} : { certificate: host.certificate_file }),
    ...(host.sudo === undefined ? {} : { sudo: host.sudo }),
    ...(jump === undefined ? {} : { jump: jump.value }),
  });
}

function keyOf(host: Host, own: OwnKeys): HostTarget['key'] {
  if (host.key_file !== undefined) return { file: host.key_file };
  return { agent: typeof host.agent === 'string' ? host.agent : (own.agentSocket ?? null) };
}

/** Hosts as operations use them, over the job client. */
export function createHosts(jobs: Jobs, estate: () => Promise<Estate>, own: OwnKeys): HostPort {
  const target = async (host: Host) => targetOf(await estate(), host, own);
  return {
    async run(host, script, params, options) {
      const way = await target(host);
      return way.ok ? jobs.run(way.value, script, params, options) : way;
    },
    async start(host, job) {
      const way = await target(host);
      return way.ok ? jobs.start(way.value, job) : way;
    },
    async *follow(host, jid, offset, signal) {
      const way = await target(host);
      if (!way.ok) throw coded(way.error);
      yield* jobs.follow(way.value, jid, offset, signal);
    },
    async kill(host, jid, graceSeconds) {
      const way = await target(host);
      if (!way.ok) return way;
      const killed = await jobs.kill(way.value, jid, graceSeconds);
      return killed.ok ? ok(true) : killed;
    },
    async remove(host, jid) {
      const way = await target(host);
      if (!way.ok) return way;
      const removed = await jobs.remove(way.value, jid);
      return removed.ok ? ok(true) : removed;
    },
    async strip(host, jid) {
      const way = await target(host);
      if (!way.ok) return way;
      const stripped = await jobs.strip(way.value, jid);
      return stripped.ok ? ok(true) : stripped;
    },
  };
}
