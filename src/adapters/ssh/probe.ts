import { CodedError } from '../../kernel/errors.ts';
import type { HostProbe } from '../../shell/jobs.ts';
import type { HostTarget } from '../../shell/transport.ts';

/** Reads the facts of a probe. Throws CodedError `protocol_error` when one that every host can tell is missing. */
export function probeOf(target: HostTarget, facts: ReadonlyMap<string, string>): HostProbe {
  const text = (name: string): string => {
    const value = facts.get(name);
    if (value === undefined || value === '')
      throw new CodedError('protocol_error', `${target.name} does not tell its ${name}`);
    return value;
  };
  const whole = (name: string, value = text(name)): number => {
    if (!/^\d{1,15}$/.test(value)) throw new CodedError('protocol_error', `${target.name}: bad ${name} ${value}`);
    return Number(value);
  };
  const [total, free] = facts.get('disk')?.split(' ') ?? [];
  return {
    user: text('user'),
    uid: whole('uid'),
    home: text('home'),
    system: text('system'),
    hostname: text('name'),
    bootId: text('boot'),
    uptimeSeconds: whole('uptime'),
    clock: whole('clock'),
    missing: ['setsid', 'mkfifo', 'flock'].filter((name) => facts.get(name) !== 'yes'),
    baseWritable: facts.get('base') === 'yes',
    disk:
      total === undefined || free === undefined
        ? null
        : { total: whole('disk', total) * 1024, free: whole('disk', free) * 1024 },
    killsJobsAtLogout: facts.get('killsession') === 'yes',
  };
}
