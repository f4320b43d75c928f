import type { Estate, Host } from '../../estate/types.ts';
import { CodedError } from '../../kernel/errors.ts';
import { ok } from '../../kernel/result.ts';
import type { HostPort, SecretPort } from '../../operations/ports.ts';
import type { Jobs } from '../../shell/jobs.ts';
import type { HostTarget } from '../../shell/transport.ts';

/** What is ours rather than the host's. */
export interface OwnKeys {
  readonly secrets: SecretPort;
  /** The ssh-agent of the process, if it was started with one. */
  readonly agentSocket: string | undefined;
}

/** The way to a host of the estate, with the bastions on it. */
export function targetOf(estate: Estate, host: Host, own: OwnKeys, depth = 0): HostTarget {
  if (depth > 5) throw new CodedError('bad_configuration', `the jump hosts of ${host.name} go round in a circle`);
  const jump = host.jump === undefined ? undefined : estate.hosts.get(host.jump);
  const secret = host.key_passphrase_secret;
  return {
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
    ...(jump === undefined ? {} : { jump: targetOf(estate, jump, own, depth + 1) }),
  };
}

function keyOf(host: Host, own: OwnKeys): HostTarget['key'] {
  if (host.key_file !== undefined) return { file: host.key_file };
  return { agent: typeof host.agent === 'string' ? host.agent : (own.agentSocket ?? null) };
}

/** Hosts as operations use them, over the job client. */
export function createHosts(jobs: Jobs, estate: () => Promise<Estate>, own: OwnKeys): HostPort {
  const target = async (host: Host) => targetOf(await estate(), host, own);
  return {
    run: async (host, script, params, options) => jobs.run(await target(host), script, params, options),
    start: async (host, job) => jobs.start(await target(host), job),
    async *follow(host, jid, offset, signal) {
      yield* jobs.follow(await target(host), jid, offset, signal);
    },
    async kill(host, jid, graceSeconds) {
      const killed = await jobs.kill(await target(host), jid, graceSeconds);
      return killed.ok ? ok(true) : killed;
    },
  };
}
