import { type Refusal, refusal } from '../../../kernel/errors.ts';
import { err, ok, type Result } from '../../../kernel/result.ts';
import type { HostTarget } from '../../../shell/transport.ts';

/** The one name in every configuration file that we write; the words of a host never reach a command line. */
export const ALIAS = 'target';

/** Where the files of one link stand, in a folder that nobody else can enter. */
export interface LinkFiles {
  readonly config: string;
  readonly knownHosts: string;
  /** The control socket. */
  readonly socket: string;
  /** What was said on the way through the bastion; with a control socket ssh hides it. */
  readonly wayLog: string;
}

export function linkFiles(folder: string): LinkFiles {
  return {
    config: `${folder}/config`,
    knownHosts: `${folder}/known_hosts`,
    socket: `${folder}/s`,
    wayLog: `${folder}/way`,
  };
}

/** No token (%), variable ($), quote, backslash or control character: ssh would give them a meaning of its own. */
export const PLAIN_PATH = /^\/[^%$"'\\\p{Cc}]*$/u;
const ADDRESS = /^[A-Za-z0-9:][A-Za-z0-9.:-]{0,254}$/;
const USER = /^[a-z_][a-z0-9_.-]{0,31}$/;
const PUBLIC_KEY = /^(?:ssh|ecdsa|sk-ssh|sk-ecdsa)[a-z0-9@.-]* [A-Za-z0-9+/]+={0,3}$/;

/** The target when all its words mean to ssh what they say; otherwise which of them does not. */
export function plainTarget(target: HostTarget): Result<HostTarget, Refusal> {
  const { certificate, hostKeys, hostAuthorities = [] } = target;
  return saysWhatItMeans(target, [
    ...addressWords(target),
    ['its user', USER.test(target.user)],
    ['the path of our key', PLAIN_PATH.test(keyPath(target))],
    ['the path of our certificate', certificate === undefined || PLAIN_PATH.test(certificate)],
    ['a pinned host key', [...hostKeys, ...hostAuthorities].every((line) => PUBLIC_KEY.test(bare(line)))],
  ]);
}

/** The same for a host to which ssh only makes a way: nothing but its address is handed to it. */
export function plainAddress(target: HostTarget): Result<HostTarget, Refusal> {
  return saysWhatItMeans(target, addressWords(target));
}

/** A word of a target, and whether it is plain. */
type Word = readonly [name: string, plain: boolean];

const addressWords = ({ address, port }: HostTarget): readonly Word[] => [
  ['its address', ADDRESS.test(address)],
  ['its port', Number.isInteger(port) && port > 0 && port < 65_536],
];

function saysWhatItMeans(target: HostTarget, words: readonly Word[]): Result<HostTarget, Refusal> {
  const bad = words.find(([, plain]) => !plain);
  if (bad === undefined) return ok(target);
  return err(refusal('bad_configuration', `${bad[0]} cannot be handed to ssh as it is, for ${target.name}`));
}

function keyPath({ key }: HostTarget): string {
  return 'file' in key ? key.file : (key.agent ?? '');
}

/** The known_hosts file of one target: it serves nobody else, so that every name may stand for it. */
export function knownHostsText(target: HostTarget): string {
  const authorities = (target.hostAuthorities ?? []).map((line) => `@cert-authority * ${bare(line)}\n`);
  return [...authorities, ...target.hostKeys.map((line) => `* ${bare(line)}\n`)].join('');
}

/** A public key line without its comment. */
function bare(line: string): string {
  return line.trim().split(/\s+/).slice(0, 2).join(' ');
}

/**
 * The configuration of one link, complete: no other file is read, nobody is asked, nothing is forwarded, and only
 * pinned keys are believed. Words as in ssh_config(5).
 */
export function configText(
  target: HostTarget,
  files: LinkFiles,
  options: { readonly timeoutMs: number; readonly idleMs: number; readonly bastion?: LinkFiles },
): string {
  const { key, certificate } = target;
  const seconds = (ms: number): number => Math.max(1, Math.ceil(ms / 1000));
  const lines = [
    `Host ${ALIAS}`,
    `HostName ${target.address}`,
    `Port ${target.port}`,
    `User ${target.user}`,
    'AddressFamily any',
    ...('file' in key
      ? [`IdentityFile "${keyPath(target)}"`, 'IdentityAgent none', 'IdentitiesOnly yes']
      : [`IdentityAgent "${keyPath(target)}"`, 'IdentityFile none']),
    ...(certificate === undefined ? [] : [`CertificateFile "${certificate}"`]),
    'PreferredAuthentications publickey',
    'PasswordAuthentication no',
    'KbdInteractiveAuthentication no',
    // Asking is only ever for the passphrase of the key, and never at a terminal.
    `BatchMode ${target.passphrase === undefined ? 'yes' : 'no'}`,
    'NumberOfPasswordPrompts 1',
    'StrictHostKeyChecking yes',
    `UserKnownHostsFile "${files.knownHosts}"`,
    'GlobalKnownHostsFile /dev/null',
    'CheckHostIP no',
    'UpdateHostKeys no',
    'VerifyHostKeyDNS no',
    'CanonicalizeHostname no',
    'ForwardAgent no',
    'ForwardX11 no',
    'ClearAllForwardings yes',
    'AddKeysToAgent no',
    'PermitLocalCommand no',
    'RequestTTY no',
    'EscapeChar none',
    'Compression no',
    `ConnectTimeout ${seconds(options.timeoutMs)}`,
    'ConnectionAttempts 1',
    'ServerAliveInterval 15',
    'ServerAliveCountMax 3',
    // A link that outlives its owner ends by itself.
    `ControlPersist ${seconds(options.idleMs)}`,
    // Says which key the host presents; goes to us only.
    'LogLevel DEBUG1',
    ...(options.bastion === undefined ? [] : [`ProxyCommand ${wayThrough(options.bastion, files.wayLog)}`]),
  ];
  return `${lines.join('\n  ')}\n`;
}

/** ssh replaces %h and %p; what it replaces them with was checked above. Without the bastion's link it fails at once. */
function wayThrough(bastion: LinkFiles, log: string): string {
  const alone = '-o LogLevel=ERROR -o ProxyCommand=false';
  return `ssh -F '${bastion.config}' -S '${bastion.socket}' -E '${log}' ${alone} -W '[%h]:%p' ${ALIAS}`;
}
