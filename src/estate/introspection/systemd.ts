import { type Connection, heldConnections, namelessFindings } from './database-connections.ts';
import { databaseOfEnvironment, LOCAL_SOCKET } from './database-url.ts';
import { type Finding, unreadable, word } from './finding.ts';
import { type DatabaseFound, type Found, type FoundSite, known, NO_DATABASE } from './found-site.ts';
import { type Frame, ofKind } from './frames.ts';
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

/** Services of the database itself, of the engine and of logins: they hold connections but are no sites. */
const NO_SITE = /^(?:postgresql|pgbouncer|docker|containerd|ssh|sshd|user|session|patroni|cron|crond)[@.-]/;

/** Services that work on a PostgreSQL: by a setting that names it, or by a connection that they hold now. */
export function findSystemdSites(frames: readonly Frame[], account: string): Found {
  const findings: Finding[] = [];
  const files = new Map(ofKind(frames, 'env-file').map((frame) => [frame.name, frame]));
  const connections = heldConnections(frames);
  findings.push(...namelessFindings(connections, account));
  const unitsFrame = frames.find((frame) => frame.kind === 'units');
  const sites = readUnits(unitsFrame?.text ?? '').flatMap((unit): FoundSite[] => {
    if (NO_SITE.test(unit.id)) return [];
    const held = connections.find((one) => one.pids.includes(unit.pid) || one.units.includes(unit.id));
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
    const reached = reach(unit, database, held, account);
    findings.push(...reached.findings);
    return [
      {
        finder: 'systemd',
        label: unit.id.replace(/\.service$/, ''),
        siteDir: unit.workingDirectory ?? '',
        environment: unit.environment.get('RAILS_ENV') ?? unit.environment.get('NODE_ENV') ?? null,
        version: null,
        database: reached.database,
        ...(reached.login === null ? {} : { login: reached.login }),
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

/** A name that PostgreSQL and this estate take as a role; not so what stands for an account that is not known. */
const ROLE = /^[A-Za-z_][A-Za-z0-9_$-]{0,62}$/;

/**
 * The database as it is reached: by what the settings name, else by the connection that is held. Over a socket PostgreSQL
 * asks the kernel who a process is (`peer`), so that the role of an application that is named as its account keeps
 * Twokey's account out; `login` is the role that it needs then.
 * https://www.postgresql.org/docs/current/auth-peer.html
 */
function reach(
  unit: Unit,
  named: DatabaseFound | null,
  held: Connection | undefined,
  account: string,
): { readonly database: DatabaseFound; readonly login: string | null; readonly findings: readonly Finding[] } {
  const found = named ?? NO_DATABASE;
  const host = found.host ?? held?.host ?? null;
  // As libpq does it where no host is named.
  const socket = host ?? (found.name === null ? '' : LOCAL_SOCKET);
  const bySocket = socket.startsWith('/');
  const user = found.user ?? (bySocket ? unit.user : null);
  const database = { host, port: found.port ?? held?.port ?? null, name: found.name, user };
  // Any other role than the account's own needs a password also over a socket, which can be given to Twokey.
  const byPeer = bySocket && user !== null && user === unit.user;
  if (!byPeer || user === account || !ROLE.test(account)) return { database, login: null, findings: [] };
  const finding: Finding = {
    code: 'socket_login',
    severity: 'unknown',
    subject: unit.id,
    meaning: `${unit.id} reaches its database by the socket in ${socket} as ${user}, which is its own account. PostgreSQL lets each account in there as itself, so Twokey needs a role named ${account} that may read the database; this makes one (PostgreSQL 14 or newer).`,
    mend: `sudo -u postgres createuser -g pg_read_all_data ${word(account)}`,
  };
  return { database, login: account, findings: [finding] };
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
