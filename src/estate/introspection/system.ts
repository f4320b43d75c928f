import { type Frame, ofKind, textOf } from './frames.ts';

export interface DiskFacts {
  readonly mount: string;
  readonly device: string;
  readonly bytes: number;
  readonly usedPercent: number;
}

/** What is known of a machine. Null is UNKNOWN: it could not be found out. */
export interface SystemFacts {
  readonly os: { readonly id: string; readonly version: string; readonly name: string } | null;
  readonly kernel: string | null;
  readonly machine: string | null;
  readonly hostName: string | null;
  readonly addresses: readonly string[];
  readonly account: string;
  /** Seconds since 1970 as the host's clock says. */
  readonly clock: number | null;
  readonly synchronised: boolean | null;
  readonly cpus: number | null;
  readonly memoryBytes: number | null;
  readonly swapBytes: number | null;
  readonly disks: readonly DiskFacts[] | null;
  /** Addresses and ports that something listens on, over TCP. */
  readonly listening: readonly { readonly address: string; readonly port: number }[] | null;
  /** `Enforcing`, `Permissive`, `Disabled`, or `absent` where there is no SELinux. */
  readonly selinux: string | null;
  readonly postgresClient: string | null;
  readonly postgresServers: readonly string[];
  /** Whether the account may ask the container engine. */
  readonly dockerSocket: 'ok' | 'denied' | 'absent' | null;
  readonly docker: string | null;
  readonly composePlugin: string | null;
  readonly composeV1: string | null;
}

const version = (text: string | null): string | null => /\d{1,9}(?:\.\d{1,9})+/.exec(text ?? '')?.[0] ?? null;

const whole = (text: string | null | undefined): number | null =>
  text !== null && text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : null;

/** `NAME=value` lines as a shell reads them, quotes taken off; anything else is passed over. */
export function readAssignments(text: string): ReadonlyMap<string, string> {
  const pairs = new Map<string, string>();
  for (const line of text.split('\n')) {
    const match = /^\s*([A-Za-z_]\w*)=(.*)$/.exec(line);
    if (match?.[1] !== undefined) pairs.set(match[1], (match[2] ?? '').trim().replace(/^(["'])(.*)\1$/, '$2'));
  }
  return pairs;
}

function readDisks(text: string | null): readonly DiskFacts[] | null {
  if (text === null) return null;
  return text.split('\n').flatMap((line) => {
    const match = /^(\S+)\s+(\d{1,15})\s+\d+\s+\d+\s+(\d{1,3})%\s+(\/.*)$/.exec(line);
    if (!match) return [];
    const [, device = '', blocks = '', used = '', mount = ''] = match;
    if (/^(?:tmpfs|devtmpfs|udev|shm|none)$/.test(device) || /^\/(?:sys|proc|dev|run)(?:\/|$)/.test(mount)) return [];
    return [{ device, mount, bytes: Number(blocks) * 1024, usedPercent: Number(used) }];
  });
}

function readListening(text: string | null): SystemFacts['listening'] {
  if (text === null) return null;
  const seen = new Map<string, { address: string; port: number }>();
  for (const line of text.split('\n')) {
    const match = /^LISTEN\s+\d+\s+\d+\s+(\S+):(\d{1,5})\s/.exec(line);
    const address = (match?.[1] ?? '').replace(/%.*$/, '').replace(/^\[(.*)\]$/, '$1');
    if (match) seen.set(`${address} ${match[2]}`, { address, port: Number(match[2]) });
  }
  return [...seen.values()].sort((left, right) => left.port - right.port);
}

function readMemory(text: string | null, key: string): number | null {
  const kilobytes = new RegExp(`^${key}:\\s+(\\d{1,15}) kB`, 'm').exec(text ?? '')?.[1];
  return kilobytes === undefined ? null : Number(kilobytes) * 1024;
}

/** Reads what the host part of the look found; never throws. */
export function readSystem(frames: readonly Frame[]): SystemFacts {
  const release = readAssignments(textOf(frames, 'os') ?? '');
  const [, kernel, machine] = (textOf(frames, 'uname') ?? '').split(' ');
  const synchronised = textOf(frames, 'synchronised');
  const socket = frames.find((frame) => frame.kind === 'docker-socket')?.state;
  return {
    os:
      release.size === 0
        ? null
        : {
            id: release.get('ID') ?? 'unknown',
            version: release.get('VERSION_ID') ?? 'unknown',
            name: release.get('PRETTY_NAME') ?? release.get('NAME') ?? 'unknown',
          },
    kernel: kernel ?? null,
    machine: machine ?? null,
    hostName: textOf(frames, 'name'),
    addresses: (textOf(frames, 'addresses') ?? '').split(/\s+/).filter((word) => word !== ''),
    account: textOf(frames, 'account') ?? 'the account',
    clock: whole(textOf(frames, 'clock')),
    synchronised: synchronised === null ? null : synchronised === 'yes',
    cpus: whole(textOf(frames, 'cpus')),
    memoryBytes: readMemory(textOf(frames, 'memory'), 'MemTotal'),
    swapBytes: readMemory(textOf(frames, 'memory'), 'SwapTotal'),
    disks: readDisks(textOf(frames, 'disks')),
    listening: readListening(
      // An empty answer that ended well is knowledge too: nothing listens.
      frames.find((frame) => frame.kind === 'ports' && frame.state === 'ok')?.text ?? null,
    ),
    selinux: frames.some((frame) => frame.kind === 'selinux' && frame.state === 'absent')
      ? 'absent'
      : textOf(frames, 'selinux'),
    postgresClient: version(textOf(frames, 'psql')),
    postgresServers: [...new Set(ofKind(frames, 'postgres').map((frame) => version(frame.text)))].filter(
      (one) => one !== null,
    ),
    dockerSocket: socket === 'ok' || socket === 'denied' || socket === 'absent' ? socket : null,
    docker: version(textOf(frames, 'docker')),
    composePlugin: version(textOf(frames, 'compose', 'v2')),
    composeV1: version(textOf(frames, 'compose', 'v1')),
  };
}
