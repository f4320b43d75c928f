import { type Refusal, refusal } from '../../kernel/errors.ts';
import { err, ok, type Result } from '../../kernel/result.ts';
import { inQuotes } from './names.ts';

/** One hop of a ProxyJump. */
export interface Hop {
  readonly alias: string;
  readonly user: string | null;
  readonly port: number | null;
}

/** What `ssh -G` says of a host; only what an estate has a place for. */
export interface SshSettings {
  readonly address: string;
  readonly port: number;
  readonly user: string;
  /** As written, `~` and tokens not yet filled in, in the order in which ssh would try them. */
  readonly identityFiles: readonly string[];
  /** From this machine to the host; empty for a direct way. */
  readonly hops: readonly Hop[];
  /** Under which name the host's keys are looked for. */
  readonly keyName: string;
  readonly knownHostsFiles: readonly string[];
}

const HOST = /^[A-Za-z0-9_.:][A-Za-z0-9_.:-]{0,254}$/;
const USER = /^[A-Za-z_][A-Za-z0-9_.-]{0,31}$/;

/** Refuses a word that is no plain name of a host, so that it can neither be an option nor hold something to be expanded. */
export function checkAlias(word: string): Refusal | null {
  if (HOST.test(word)) return null;
  return refusal(
    'bad_arguments',
    `${inQuotes(word)} is no name of a host.`,
    'Name hosts as `Host` in your ssh_config has them: letters, digits, dots, dashes, underscores.',
  );
}

/** Reads a ProxyJump, `[user@]host[:port]` with commas between. */
export function readHops(text: string): Result<readonly Hop[], Refusal> {
  const hops: Hop[] = [];
  if (text === '' || text === 'none') return ok(hops);
  for (const word of text.split(',')) {
    const found = /^(?:ssh:\/\/)?(?:([^@]+)@)?(?:\[([^\]]+)\]|([^:[\]]+))(?::(\d{1,5}))?$/.exec(word);
    const [, user, bracketed, plain, port] = found ?? [];
    const alias = bracketed ?? plain ?? '';
    const number = port === undefined ? null : Number(port);
    const wrong =
      !HOST.test(alias) || (user !== undefined && !USER.test(user)) || number === 0 || (number ?? 1) > 65_535;
    if (wrong) return err(refusal('bad_arguments', `I cannot read the hop ${inQuotes(word)} of a ProxyJump.`));
    hops.push({ alias, user: user ?? null, port: number });
  }
  return ok(hops);
}

/** Reads what `ssh -G` printed about a host. Refusals: bad_arguments for what Twokey cannot take over. */
export function readSettings(alias: string, printed: string): Result<SshSettings, Refusal> {
  const all = new Map<string, string[]>();
  for (const line of printed.split('\n')) {
    const [, key, value] = /^(\S+) (.*)$/.exec(line) ?? [];
    if (key === undefined || value === undefined) continue;
    const values = all.get(key) ?? [];
    values.push(value);
    all.set(key, values);
  }
  const one = (key: string) => all.get(key)?.[0] ?? '';
  const refuse = (message: string, next?: string) => err(refusal('bad_arguments', `${alias}: ${message}`, next));
  const [address, user, port] = [one('hostname'), one('user'), Number(one('port'))];
  if (one('proxycommand') !== '')
    return refuse(
      'it is reached by a ProxyCommand, and Twokey runs none.',
      'Write the way as ProxyJump, then import it again.',
    );
  if (!HOST.test(address) || address.includes('_')) return refuse(`its HostName ${inQuotes(address)} is no address.`);
  if (!/^[a-z_][a-z0-9_-]{0,31}$/.test(user))
    return refuse(`its User ${inQuotes(user)} is no user name that Twokey takes.`);
  if (!Number.isInteger(port) || port < 1 || port > 65_535)
    return refuse(`its Port ${inQuotes(one('port'))} is no port.`);
  const hops = readHops(one('proxyjump'));
  if (!hops.ok) return refuse(hops.error.message);
  const files = `${one('userknownhostsfile')} ${one('globalknownhostsfile')}`;
  const hostKeyAlias = one('hostkeyalias');
  const keyName = hostKeyAlias || (port === 22 ? address : `[${address}]:${port}`);
  if (!/^[A-Za-z0-9_.:[][A-Za-z0-9_.:[\]-]{0,270}$/.test(keyName))
    return refuse(`its HostKeyAlias ${inQuotes(hostKeyAlias)} is no plain name.`);
  return ok({
    address,
    port,
    user,
    identityFiles: (all.get('identityfile') ?? []).filter((file) => file !== 'none'),
    hops: hops.value,
    keyName,
    knownHostsFiles: files.split(' ').filter((file) => file.startsWith('/')),
  });
}

/** The public keys in what `ssh-keygen -F` printed, `ssh-ed25519 AAAA…`; neither revoked ones nor certificate authorities. */
export function readKnownKeys(printed: string): {
  readonly keys: readonly string[];
  readonly revoked: readonly string[];
} {
  const keys: string[] = [];
  const revoked: string[] = [];
  for (const line of printed.split('\n')) {
    const [, marker, type = '', blob = ''] =
      /^(?:(@\S+) )?\S+ ((?:ssh|ecdsa)-[a-z0-9-]+) ([A-Za-z0-9+/=]+)(?:\s|$)/.exec(line) ?? [];
    if (blob === '') continue;
    if (marker === undefined) keys.push(`${type} ${blob}`);
    else if (marker === '@revoked') revoked.push(`${type} ${blob}`);
  }
  return { keys, revoked };
}
