import type { Finding } from './finding.ts';
import { type Frame, textOf } from './frames.ts';

/** A connection from this host to a PostgreSQL or a pgbouncer. */
export interface Connection {
  /** An address, or the folder of a socket. */
  readonly host: string;
  readonly port: number;
  /** Empty when the account may not know whose it is. */
  readonly pids: readonly number[];
  /** Null where nobody tells: of sockets. */
  readonly uid: number | null;
}

const pidsIn = (line: string): readonly number[] => [
  ...new Set([...line.matchAll(/pid=(\d{1,9})/g)].map((match) => Number(match[1]))),
];

/** Reads `ss -Htnpe`: the peer, and the processes as far as they are told. Never throws. */
export function readConnections(text: string): readonly Connection[] {
  return text.split('\n').flatMap((line): Connection[] => {
    const peer = /^\d+\s+\d+\s+\S+\s+(\S+):(\d{1,5})(?:\s|$)/.exec(line.trim());
    if (!peer) return [];
    const uid = /\buid:(\d{1,10})\b/.exec(line)?.[1] ?? '0';
    const host = (peer[1] ?? '').replace(/^\[(?:::ffff:)?(.*)\]$/, '$1');
    return [{ host, port: Number(peer[2]), pids: pidsIn(line), uid: Number(uid) }];
  });
}

/** Reads what the look script's `keep_sockets` leaves: `/var/run/postgresql/.s.PGSQL.5432 pid=7`. Never throws. */
export function readSockets(text: string): readonly Connection[] {
  return text.split('\n').flatMap((line): Connection[] => {
    const [, host, port] = /^(\/.*)\/\.s\.PGSQL\.(\d{1,5})(?: |$)/.exec(line.trim()) ?? [];
    if (host === undefined) return [];
    return [{ host, port: Number(port), pids: pidsIn(line), uid: null }];
  });
}

/** The connections that are held now, by address and by socket, each with the services that hold it. */
export function heldConnections(
  frames: readonly Frame[],
): readonly (Connection & { readonly units: readonly string[] })[] {
  const unitOf = new Map<number, string>();
  for (const line of (textOf(frames, 'pid-units') ?? '').split('\n')) {
    const [pid = '', , unit] = line.trim().split(/\s+/);
    if (unit?.endsWith('.service')) unitOf.set(Number(pid), unit);
  }
  const all = [
    ...readConnections(textOf(frames, 'connections') ?? ''),
    ...readSockets(textOf(frames, 'sockets') ?? ''),
  ];
  return all.map((one) => ({ ...one, units: one.pids.flatMap((pid) => unitOf.get(pid) ?? []) }));
}

/** That some of them belong to nobody knows whom. */
export function namelessFindings(connections: readonly Connection[], account: string): readonly Finding[] {
  const nameless = connections.filter((one) => one.pids.length === 0);
  const of = (some: readonly Connection[], what: string, mend: string): Finding[] => {
    const [first] = some;
    if (first === undefined) return [];
    const uids = [...new Set(some.flatMap(({ uid }) => (uid === null ? [] : [uid])))].join(', ');
    const whose = uids === '' ? 'other accounts' : `other accounts (uid ${uids})`;
    const count = some.length === 1 ? 'A connection' : `${some.length} connections`;
    const verb = some.length === 1 ? 'belongs' : 'belong';
    return [
      {
        code: 'connection_of_unknown',
        severity: 'unknown',
        subject: `${first.host}:${first.port}`,
        meaning: `${count} ${what} ${verb} to ${whose}, and ${account} may not know to which services.`,
        mend,
      },
    ];
  };
  return [
    ...of(
      nameless.filter((one) => !one.host.startsWith('/')),
      'to PostgreSQL',
      `sudo ss -tnpe state established '( dport = :5432 or dport = :6432 )'`,
    ),
    ...of(
      nameless.filter((one) => one.host.startsWith('/')),
      'to PostgreSQL by its socket',
      'sudo ss -xp state established',
    ),
  ];
}
