import type { Estate, Host } from '../../estate/types.ts';
import { CodedError } from '../../kernel/errors.ts';
import { ok } from '../../kernel/result.ts';
import type { HostPort } from '../../operations/ports.ts';
import type { Jobs } from '../../shell/jobs.ts';
import type { HostTarget } from '../../shell/transport.ts';

/** The way to a host of the estate, with the bastions on it. */
export function targetOf(estate: Estate, host: Host, depth = 0): HostTarget {
  if (depth > 5) throw new CodedError('bad_configuration', `the jump hosts of ${host.name} go round in a circle`);
  const jump = host.jump === undefined ? undefined : estate.hosts.get(host.jump);
  return {
    name: host.name,
    address: host.address,
    port: host.port,
    user: host.user,
    hostKeys: host.host_keys,
    key: { file: host.key_file },
    base: host.base,
    ...(host.sudo === undefined ? {} : { sudo: host.sudo }),
    ...(jump === undefined ? {} : { jump: targetOf(estate, jump, depth + 1) }),
  };
}

/** Hosts as operations use them, over the job client. */
export function createHosts(jobs: Jobs, estate: () => Promise<Estate>): HostPort {
  const target = async (host: Host) => targetOf(await estate(), host);
  return {
    run: async (host, script, params) => jobs.run(await target(host), script, params),
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
