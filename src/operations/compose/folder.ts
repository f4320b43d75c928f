import { sha256 } from '../../kernel/ids.ts';
import { Secret } from '../../kernel/secret.ts';
import { readBackupName } from './names.ts';

/** A file of the folder, as the host describes it. */
export interface HostFile {
  readonly name: string;
  readonly kind: 'file' | 'link' | 'other';
  readonly readable: boolean;
  readonly bytes: number;
  readonly uid: string;
  readonly gid: string;
  /** Its owner by name. */
  readonly owner: string;
}

/** A copy that was made before a change, newest first. */
export interface DatedBackup {
  readonly name: string;
  readonly at: Date;
  /** The operation that made it. */
  readonly operation: string;
  readonly bytes: number;
  readonly sha256: string;
  /** Whether that is what its `.sha256` file says. */
  readonly intact: boolean;
}

/** What a file holds. Compose files hold passwords: this is only looked at, and never stored or told. */
export interface Content {
  readonly name: string;
  readonly sha256: string;
  /** Null when it is not UTF-8. */
  readonly text: Secret | null;
}

/** What lies in the folder of a compose project, on one host. */
export interface ComposeFolder {
  /** False when it is not there; nothing else is known then. */
  readonly there: boolean;
  readonly writable: boolean;
  readonly owner: string;
  readonly account: { readonly uid: string; readonly name: string; readonly groups: readonly string[] };
  readonly hasSha256sum: boolean;
  /** Where files of the project are named by COMPOSE_FILE; null when nothing says so. */
  readonly namedBy: 'the environment' | '.env' | null;
  /** Candidates in the order in which Compose takes them. */
  readonly files: readonly HostFile[];
  readonly overrides: readonly HostFile[];
  /** The file that a person has prepared, or the backup that is to come back. */
  readonly wanted: HostFile | null;
  readonly backups: readonly DatedBackup[];
  /** Contents that were asked for and could be read, by their names. */
  readonly contents: ReadonlyMap<string, Content>;
}

const LF = 0x0a;

/** `key=value` lines, with the bytes of files between them; null when the answer broke off. */
function takeApart(output: Uint8Array) {
  const lines: { readonly key: string; readonly value: string }[] = [];
  const contents = new Map<string, Content>();
  for (let at = 0; at < output.length; ) {
    const end = output.indexOf(LF, at);
    if (end < 0) return null;
    const line = new TextDecoder().decode(output.subarray(at, end));
    at = end + 1;
    const cut = line.indexOf('=');
    if (cut < 1) return null;
    const [key, value] = [line.slice(0, cut), line.slice(cut + 1)];
    lines.push({ key, value });
    if (key !== 'content') continue;
    const [name = '', size = ''] = value.split(' ');
    const bytes = output.subarray(at, at + Number(size));
    if (!/^\d{1,9}$/.test(size) || bytes.length !== Number(size) || output[at + bytes.length] !== LF) return null;
    contents.set(name, { name, sha256: sha256(bytes), text: textOf(bytes) });
    at += bytes.length + 1;
  }
  return lines.at(-1)?.key === 'whole' ? { lines, contents } : null;
}

function textOf(bytes: Uint8Array): Secret | null {
  try {
    return new Secret(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch {
    return null;
  }
}

function readFile(value: string): HostFile {
  const [name = '', kind, readable, bytes, uid = '', gid = '', ...owner] = value.split(' ');
  return {
    name,
    kind: kind === 'file' || kind === 'link' ? kind : 'other',
    readable: readable === 'yes',
    bytes: Number(bytes),
    uid,
    gid,
    owner: owner.join(' '),
  };
}

function readBackup(value: string): readonly DatedBackup[] {
  const [name = '', bytes, sum = '', recorded] = value.split(' ');
  const told = readBackupName(name);
  if (told === null) return [];
  const { at, operation } = told;
  return [{ name, at, operation, bytes: Number(bytes), sha256: sum, intact: sum !== '' && sum === recorded }];
}

/** Reads the answer of LOOK. Null when it is not whole. Never throws, whatever it holds. */
export function readFolder(output: Uint8Array): ComposeFolder | null {
  const read = takeApart(output);
  if (read === null) return null;
  const all = (key: string) => read.lines.filter((line) => line.key === key).map((line) => line.value);
  const first = (key: string) => all(key)[0] ?? '';
  const wanted = all('wanted')[0];
  const [uid = '', ...name] = first('account').split(' ');
  const namedBy = first('named_by');
  return {
    there: first('folder') === 'yes',
    writable: first('writable') === 'yes',
    owner: first('owner'),
    account: { uid, name: name.join(' '), groups: first('groups').split(' ') },
    hasSha256sum: first('sha256sum') === 'yes',
    namedBy: namedBy === '.env' ? '.env' : namedBy === '' ? null : 'the environment',
    files: all('file').map(readFile),
    overrides: all('override').map(readFile),
    wanted: wanted === undefined ? null : readFile(wanted),
    backups: all('backup').flatMap(readBackup).reverse(),
    contents: read.contents,
  };
}
