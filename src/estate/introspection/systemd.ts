import { databaseOfEnvironment } from './database-url.ts';
import { type Finding, unreadable, word } from './finding.ts';
import { type DatabaseFound, type Found, type FoundSite, known, NO_DATABASE } from './found-site.ts';
import { type Frame, ofKind, textOf } from './frames.ts';
import { readAssignments } from './system.ts';

/** A service of systemd, as far as its properties may be told. */
export interface Unit {
  readonly id: string;
  readonly user: string | null;
  readonly workingDirectory: string | null;
  readonly active: string;
  readonly pid: number;
  readonly environmentFiles: readonly { readonly path: string; readonly optional: boolean }[];
  readonly environment: ReadonlyMap<string, string>;
}

/** Reads the blocks of `systemctl show`, in which properties may be repeated. Never throws. */
export function readUnits(text: string): readonly Unit[] {
  return text.split(/\n\s*\n/).flatMap((block): Unit[] => {
    const values = new Map<string, string>();
    const environment = new Map<string, string>();
    const files: { path: string; optional: boolean }[] = [];
    for (const line of block.split('\n')) {
      const [, key = '', value = ''] = /^([A-Za-z][\w.]*)=(.*)$/.exec(line.trim()) ?? [];
      if (key.startsWith('Environment.')) environment.set(key.slice('Environment.'.length), value);
      else if (key === 'EnvironmentFiles') {
        const file = /^(\/.*?) \(ignore_errors=(yes|no)\)$/.exec(value);
        if (file) files.push({ path: file[1] ?? '', optional: file[2] === 'yes' });
      } else values.set(key, value);
    }
    const id = values.get('Id');
    if (id === undefined || id === '') return [];
    return [
      {
        id,
        user: values.get('User') || null,
        workingDirectory: values.get('WorkingDirectory')?.replace(/^!/, '') || null,
        active: values.get('ActiveState') || 'unknown',
        pid: /^\d{1,9}$/.test(values.get('MainPID') ?? '') ? Number(values.get('MainPID')) : 0,
        environmentFiles: files,
        environment,
      },
    ];
  });
}

/** A connection from this host to a PostgreSQL or a pgbouncer. */
export interface Connection {
  readonly host: string;
  readonly port: number;
  /** Empty when the account may not know whose it is. */
  readonly pids: readonly number[];
  readonly uid: number;
}

/** Reads `ss -Htnpe`: the peer, and the processes as far as they are told. Never throws. */
export function readConnections(text: string): readonly Connection[] {
  return text.split('\n').flatMap((line): Connection[] => {
    const peer = /^\d+\s+\d+\s+\S+\s+(\S+):(\d{1,5})(?:\s|$)/.exec(line.trim());
    if (!peer) return [];
    const uid = /\buid:(\d{1,10})\b/.exec(line)?.[1] ?? '0';
    return [
      {
        host: (peer[1] ?? '').replace(/^\[(?:::ffff:)?(.*)\]$/, '$1'),
        port: Number(peer[2]),
        pids: [...line.matchAll(/pid=(\d{1,9})/g)].map((match) => Number(match[1])),
        uid: Number(uid),
      },
    ];
  });
}

/** Services of the database itself, of the engine and of logins: they hold connections but are no sites. */
const NO_SITE = /^(?:postgresql|pgbouncer|docker|containerd|ssh|sshd|user|session|patroni|cron|crond)[@.-]/;

/** Services that work on a PostgreSQL: by a setting that names it, or by a connection that they hold now. */
export function findSystemdSites(frames: readonly Frame[], account: string): Found {
  const findings: Finding[] = [];
  const files = new Map(ofKind(frames, 'env-file').map((frame) => [frame.name, frame]));
  const unitOf = new Map<number, string>();
  for (const line of (textOf(frames, 'pid-units') ?? '').split('\n')) {
    const [pid = '', , unit] = line.trim().split(/\s+/);
    if (unit?.endsWith('.service')) unitOf.set(Number(pid), unit);
  }
  const connections = readConnections(textOf(frames, 'connections') ?? '');
  const nameless = connections.filter((one) => one.pids.length === 0);
  if (nameless.length > 0) {
    const [first] = nameless;
    findings.push({
      code: 'connection_of_unknown',
      severity: 'unknown',
      subject: `${first?.host}:${first?.port}`,
      meaning: `${nameless.length === 1 ? 'A connection' : `${nameless.length} connections`} to PostgreSQL belong to other accounts (uid ${[...new Set(nameless.map((one) => one.uid))].join(', ')}), and ${account} may not know to which services.`,
      mend: `sudo ss -tnpe state established '( dport = :5432 or dport = :6432 )'`,
    });
  }
  const unitsFrame = frames.find((frame) => frame.kind === 'units');
  const sites = readUnits(unitsFrame?.text ?? '').flatMap((unit): FoundSite[] => {
    if (NO_SITE.test(unit.id)) return [];
    const held = connections.find((one) => one.pids.some((pid) => pid === unit.pid || unitOf.get(pid) === unit.id));
    const { database, denied } = databaseOf(unit, files);
    if (held === undefined && database === null) {
      if (denied !== null) findings.push(unreadable(denied, account, `The environment of ${unit.id}`));
      return [];
    }
    if (denied !== null) findings.push(unreadable(denied, account, `The environment of ${unit.id}`));
    if (unit.active === 'failed') {
      findings.push({
        code: 'unit_failed',
        severity: 'critical',
        subject: unit.id,
        meaning: `The service ${unit.id} works on PostgreSQL and has failed.`,
        mend: `journalctl -u ${word(unit.id)} -n 50 --no-pager`,
      });
    }
    const known_ = database ?? NO_DATABASE;
    return [
      {
        finder: 'systemd',
        label: unit.id.replace(/\.service$/, ''),
        siteDir: unit.workingDirectory ?? '',
        environment: unit.environment.get('RAILS_ENV') ?? unit.environment.get('NODE_ENV') ?? null,
        version: null,
        database: { ...known_, host: known_.host ?? held?.host ?? null, port: known_.port ?? held?.port ?? null },
        databaseProblem:
          database === null ? 'It holds a connection, but no setting that may be read names its database.' : null,
        settings: known({
          unit: unit.id,
          user: unit.user,
          state: unit.active,
          'working directory': unit.workingDirectory,
        }),
      },
    ];
  });
  return { sites, findings };
}

function databaseOf(
  unit: Unit,
  files: ReadonlyMap<string, Frame>,
): { readonly database: DatabaseFound | null; readonly denied: string | null } {
  const variables = new Map(unit.environment);
  let denied: string | null = null;
  for (const { path } of unit.environmentFiles) {
    const frame = files.get(path);
    if (frame?.state === 'denied') denied = path;
    // A later file wins over what the unit says, as with systemd.
    for (const [key, value] of readAssignments(frame?.text ?? '')) variables.set(key, value);
  }
  return { database: databaseOfEnvironment(variables), denied };
}
