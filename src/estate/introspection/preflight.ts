import type { SystemFacts } from './system.ts';

export type PreflightState = 'OK' | 'WARN' | 'CRIT' | 'UNKNOWN';

/** One check of a host before it is used. */
export interface PreflightRow {
  readonly check: string;
  readonly state: PreflightState;
  readonly found: string;
  readonly wanted: string;
  /** Where the wish comes from. */
  readonly source: string;
}

/** What a host should have, each with its source. Profiles may bring their own table of the same shape. */
export interface PreflightThresholds {
  readonly systems: {
    readonly wanted: readonly { readonly id: RegExp; readonly version: RegExp }[];
    readonly words: string;
    readonly source: string;
  };
  readonly kernel: { readonly atLeast: string; readonly source: string };
  readonly cpus: { readonly atLeast: number; readonly source: string };
  readonly memory: { readonly atLeastBytes: number; readonly source: string };
  readonly docker: { readonly atLeast: string; readonly source: string };
  readonly compose: { readonly atLeast: string; readonly source: string };
  readonly disk: { readonly warnPercent: number; readonly critPercent: number; readonly source: string };
  readonly clock: { readonly warnSeconds: number; readonly critSeconds: number; readonly source: string };
  /** Ports that must listen on the host's own addresses only. */
  readonly innerPorts: { readonly ports: readonly number[]; readonly source: string };
}

const VALIDATION =
  'host validation script of a Flow Production Tracking installer (github.com/loney-liu/shotgun_in_vagrant)';

/** The defaults: the one published validation of hosts for the vendor's containers, and thresholds of public monitors. */
export const DEFAULT_THRESHOLDS: PreflightThresholds = {
  systems: {
    wanted: [{ id: /^(?:rhel|centos)$/, version: /^7(?:\.|$)/ }],
    words: 'RHEL or CentOS 7',
    source: VALIDATION,
  },
  kernel: { atLeast: '3.10', source: VALIDATION },
  cpus: { atLeast: 6, source: VALIDATION },
  // What a kernel counts is a few per cent less than what was bought.
  memory: { atLeastBytes: 64e9 * 0.95, source: VALIDATION },
  docker: { atLeast: '17', source: VALIDATION },
  compose: { atLeast: '1.13', source: VALIDATION },
  disk: { warnPercent: 80, critPercent: 90, source: 'monitors of commcare-cloud (disk warn 80 %, crit 90 %)' },
  clock: { warnSeconds: 2, critSeconds: 5, source: 'check_postgres, action timesync' },
  innerPorts: {
    ports: [2375, 5432, 6379, 11_211],
    source: 'responsibilities of the client: firewalls; the engine’s and memcached’s ports ask for no password',
  },
};

/** Compares dotted numbers part by part: negative when `left` is older. Missing parts count as 0. */
export function compareDotted(left: string, right: string): number {
  const parts = (text: string) => (/^\d+(?:\.\d+)*/.exec(text)?.[0] ?? '0').split('.').map(Number);
  const [one, other] = [parts(left), parts(right)];
  for (let at = 0; at < Math.max(one.length, other.length); at += 1) {
    const difference = (one[at] ?? 0) - (other[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

const isOpen = (address: string): boolean => !/^(?:127\.|::1$|::ffff:127\.)/.test(address);

/**
 * Judges a host. `clockOffset` is how many seconds its clock is ahead of the database's (negative: behind), null when
 * it is not known. What could not be found out is UNKNOWN, never OK.
 */
export function judgeHost(
  system: SystemFacts,
  clockOffset: number | null,
  wish: PreflightThresholds = DEFAULT_THRESHOLDS,
): readonly PreflightRow[] {
  const unknown = 'not known';
  const { os, listening } = system;
  const compose = system.composePlugin ?? system.composeV1;
  const gb = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`;
  const open = listening?.filter((one) => isOpen(one.address) && wish.innerPorts.ports.includes(one.port)) ?? [];
  return [
    {
      check: 'system',
      state:
        os === null
          ? 'UNKNOWN'
          : wish.systems.wanted.some((one) => one.id.test(os.id) && one.version.test(os.version))
            ? 'OK'
            : 'WARN',
      found: os?.name ?? unknown,
      wanted: wish.systems.words,
      source: wish.systems.source,
    },
    {
      check: 'kernel',
      state:
        system.kernel === null ? 'UNKNOWN' : compareDotted(system.kernel, wish.kernel.atLeast) >= 0 ? 'OK' : 'CRIT',
      found: system.kernel ?? unknown,
      wanted: `${wish.kernel.atLeast} or newer`,
      source: wish.kernel.source,
    },
    {
      check: 'processors',
      state: system.cpus === null ? 'UNKNOWN' : system.cpus >= wish.cpus.atLeast ? 'OK' : 'WARN',
      found: system.cpus === null ? unknown : String(system.cpus),
      wanted: `${wish.cpus.atLeast} or more`,
      source: wish.cpus.source,
    },
    {
      check: 'memory',
      state: system.memoryBytes === null ? 'UNKNOWN' : system.memoryBytes >= wish.memory.atLeastBytes ? 'OK' : 'WARN',
      found: system.memoryBytes === null ? unknown : gb(system.memoryBytes),
      wanted: `${gb(wish.memory.atLeastBytes)} or more`,
      source: wish.memory.source,
    },
    engineRow('docker', system, system.docker, wish.docker),
    engineRow('compose', system, compose, wish.compose),
    {
      check: 'SELinux',
      state: system.selinux === null ? 'UNKNOWN' : system.selinux === 'Enforcing' ? 'WARN' : 'OK',
      found: system.selinux ?? unknown,
      wanted: 'known; when enforcing, volumes need labels',
      source: VALIDATION,
    },
    ...diskRows(system, wish),
    {
      check: 'inner ports',
      state: listening === null ? 'UNKNOWN' : open.length === 0 ? 'OK' : 'CRIT',
      found:
        listening === null ? unknown : open.map((one) => `${one.port} on ${one.address}`).join(', ') || 'none is open',
      wanted: `${wish.innerPorts.ports.join(', ')} not open to other hosts`,
      source: wish.innerPorts.source,
    },
    clockRow(system, clockOffset, wish),
  ];
}

function engineRow(
  check: string,
  system: SystemFacts,
  found: string | null,
  wish: { readonly atLeast: string; readonly source: string },
): PreflightRow {
  const silent =
    system.dockerSocket === 'absent'
      ? 'no container engine'
      : system.dockerSocket === 'denied'
        ? `${system.account} may not ask the engine`
        : 'not known';
  return {
    check,
    // A host without an engine may be meant to have none; one that does not answer is not known.
    state:
      found !== null
        ? compareDotted(found, wish.atLeast) >= 0
          ? 'OK'
          : 'CRIT'
        : system.dockerSocket === 'absent'
          ? 'WARN'
          : 'UNKNOWN',
    found: found ?? (check === 'compose' && system.docker !== null ? 'none' : silent),
    wanted: `${wish.atLeast} or newer`,
    source: wish.source,
  };
}

function diskRows(system: SystemFacts, wish: PreflightThresholds): readonly PreflightRow[] {
  const { warnPercent, critPercent, source } = wish.disk;
  const wanted = `less than ${warnPercent} % used`;
  if (system.disks === null) return [{ check: 'disks', state: 'UNKNOWN', found: 'not known', wanted, source }];
  return system.disks.map((disk) => ({
    check: `disk ${disk.mount}`,
    state: disk.usedPercent >= critPercent ? 'CRIT' : disk.usedPercent >= warnPercent ? 'WARN' : 'OK',
    found: `${disk.usedPercent} % of ${(disk.bytes / 1e9).toFixed(1)} GB`,
    wanted,
    source,
  }));
}

function clockRow(system: SystemFacts, offset: number | null, wish: PreflightThresholds): PreflightRow {
  const { warnSeconds, critSeconds, source } = wish.clock;
  const away = offset === null ? null : Math.abs(offset);
  const sync =
    system.synchronised === null
      ? ', not known whether synchronised'
      : system.synchronised
        ? ', synchronised'
        : ', not synchronised';
  const state =
    away === null
      ? 'UNKNOWN'
      : away >= critSeconds
        ? 'CRIT'
        : away >= warnSeconds || system.synchronised === false
          ? 'WARN'
          : system.synchronised === null
            ? 'UNKNOWN'
            : 'OK';
  const found =
    offset === null ? 'not known' : `${Math.abs(offset).toFixed(0)} s ${offset < 0 ? 'behind' : 'ahead'}${sync}`;
  return { check: 'clock', state, found, wanted: `within ${warnSeconds} s, synchronised`, source };
}
