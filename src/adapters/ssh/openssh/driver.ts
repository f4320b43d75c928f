import { access, constants, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { messageOf, type Refusal, refusal } from '../../../kernel/errors.ts';
import { err, ok, type Result } from '../../../kernel/result.ts';
import type { Secret } from '../../../kernel/secret.ts';
import type { HostTarget } from '../../../shell/transport.ts';
import type { ConnectFailure, ConnectOptions, Driver } from '../driver.ts';
import { pinnedKeys } from '../hostkey.ts';
import { keyUnreadable, keyUnusable, noAgent, unreachable } from '../refusals.ts';
import { ALIAS, configText, knownHostsText, type LinkFiles, linkFiles, PLAIN_PATH, plainTarget } from './config.ts';
import { connectFailure } from './failure.ts';
import { type Asking, askingFor } from './passphrase.ts';
import { type Ended, runProgram } from './program.ts';
import { openSession } from './session.ts';

/** A link is a master process of ssh in the background, and its control socket. */
export interface OpensshLink {
  readonly files: LinkFiles;
  readonly folder: string;
  readonly listeners: Set<() => void>;
  ended: Promise<void> | null;
}

export interface OpensshDriver extends Driver<OpensshLink> {
  /** Gives up what still connects, ends every link, and removes the private folders. Nothing of it is left then. */
  dispose(): Promise<void>;
}

/** The longest path of a socket, less what ssh appends to it while it makes one. */
const LONGEST_SOCKET = 85;
const CONTROL_MS = 5_000;

/** Speaks SSH with the system's own client. `idleMs`: an unused link whose owner has died goes after so long. */
export function createOpensshDriver(idleMs: number): OpensshDriver {
  const folders = new Set<string>();
  const connecting = new Set<Promise<unknown>>();
  const links = new Set<OpensshLink>();
  const stopping = new AbortController();

  /** One for each link: a cleaner of old temporary files may take it away once the link is idle, and harms no other. */
  async function newFolder(): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'twokey-ssh-'));
    folders.add(folder);
    return folder;
  }

  async function remove(folder: string): Promise<void> {
    await rm(folder, { recursive: true, force: true });
    folders.delete(folder);
  }

  async function connect(
    target: HostTarget,
    options: ConnectOptions<OpensshLink>,
  ): Promise<Result<OpensshLink, ConnectFailure>> {
    const attempt = connectNow(target, options);
    connecting.add(attempt);
    try {
      return await attempt;
    } finally {
      connecting.delete(attempt);
    }
  }

  async function connectNow(
    target: HostTarget,
    options: ConnectOptions<OpensshLink>,
  ): Promise<Result<OpensshLink, ConnectFailure>> {
    const usable = await checked(target);
    if (!usable.ok) return failed(usable.error);
    let folder: string | null = null;
    let link: Result<OpensshLink, ConnectFailure> | null = null;
    try {
      folder = await newFolder();
      link = await linkIn(folder, target, usable.value, options);
      return link;
    } catch (error) {
      return failed(badFolder(`ssh cannot have its files in ${folder ?? tmpdir()}: ${messageOf(error)}`));
    } finally {
      if (folder !== null && !link?.ok) await remove(folder);
    }
  }

  async function linkIn(
    folder: string,
    target: HostTarget,
    passphrase: Secret | null,
    { timeoutMs, through }: ConnectOptions<OpensshLink>,
  ): Promise<Result<OpensshLink, ConnectFailure>> {
    const files = linkFiles(folder);
    if (files.socket.length > LONGEST_SOCKET || !PLAIN_PATH.test(folder))
      return failed(badFolder(`ssh cannot have its control socket in ${folder}`));
    const bastion = through === undefined ? {} : { bastion: through.link.files };
    await writeFile(files.knownHosts, knownHostsText(target), { mode: 0o600 });
    await writeFile(files.config, configText(target, files, { timeoutMs, idleMs, ...bastion }), { mode: 0o600 });
    const ran = await connectOnce(files, folder, passphrase, { timeoutMs, signal: stopping.signal });
    if (ran.code === 0) {
      const link: OpensshLink = { files, folder, listeners: new Set(), ended: null };
      links.add(link);
      return ok(link);
    }
    if (ran.notStarted !== null) return failed(noClient(target, ran.notStarted));
    if (ran.code === null) {
      await leave(files); // it may have gone into the background just before it was killed
      return failed(unreachable(target, stopping.signal.aborted ? 'Twokey is stopping' : 'no answer in time'));
    }
    const onTheWay = await readFile(files.wayLog, 'utf8').catch(() => '');
    return err(connectFailure(target, ran.said, through && { name: through.name, said: onTheWay }));
  }

  async function end(link: OpensshLink): Promise<void> {
    for (const listener of link.listeners) listener();
    link.listeners.clear();
    await leave(link.files);
    await remove(link.folder);
    links.delete(link);
  }

  function endOnce(link: OpensshLink): Promise<void> {
    link.ended ??= end(link);
    return link.ended;
  }

  return {
    connect,
    onEnd(link, listener) {
      if (link.ended === null) link.listeners.add(listener);
      else listener();
    },
    open: (link, command, timeoutMs) => openSession(link.files, command, timeoutMs),
    end: (link) => void endOnce(link),
    destroy: endOnce,
    async dispose() {
      stopping.abort();
      await Promise.allSettled(connecting);
      await Promise.all([...links].map(endOnce));
      await Promise.all([...folders].map(remove));
    },
  };
}

/** Asks the process in the background to end. */
async function leave({ config, socket }: LinkFiles): Promise<void> {
  await runProgram('ssh', ['-F', config, '-S', socket, '-O', 'exit', ALIAS], { timeoutMs: CONTROL_MS });
}

async function connectOnce(
  files: LinkFiles,
  folder: string,
  passphrase: Secret | null,
  limits: { readonly timeoutMs: number; readonly signal: AbortSignal },
): Promise<Ended> {
  const asking: Asking | null = passphrase === null ? null : await askingFor(passphrase, folder);
  try {
    return await runProgram('ssh', ['-F', files.config, '-fNM', '-S', files.socket, ALIAS], {
      ...limits,
      ...(asking === null ? {} : { environment: asking.environment }),
    });
  } finally {
    await asking?.[Symbol.asyncDispose]();
  }
}

/** Refuses what ssh would misunderstand or not find; gives the passphrase of the key, if it has one. */
async function checked(target: HostTarget): Promise<Result<Secret | null, Refusal>> {
  if ('agent' in target.key && target.key.agent === null) return err(noAgent(target));
  const plain = plainTarget(target);
  if (!plain.ok) return plain;
  const pins = pinnedKeys(target);
  if (!pins.ok) return pins;
  const { key, certificate } = target;
  const passphrase = await target.passphrase?.();
  if (passphrase?.ok === false) return passphrase;
  if (passphrase?.value.reveal().includes('\n'))
    return err(keyUnusable(target, 'its passphrase has more than one line'));
  try {
    if ('file' in key) await access(key.file, constants.R_OK);
    if (certificate !== undefined) await access(certificate, constants.R_OK);
    return ok(passphrase?.value ?? null);
  } catch (error) {
    return err(keyUnreadable(target, error));
  }
}

function noClient({ name }: HostTarget, error: NodeJS.ErrnoException): Refusal {
  const its = `${name} is to be reached with the ssh program, which`;
  if (error.code === 'ENOENT')
    return refusal('bad_configuration', `${its} is not here`, 'Install it beside Twokey (Debian: openssh-client).');
  const next = 'Look at Twokey’s own machine: its limits of processes and open files, and its memory.';
  return refusal('internal', `${its} could not be started: ${messageOf(error)}`, next);
}

function badFolder(why: string): Refusal {
  const next = 'Give Twokey a directory for temporary files with a short, plain path (TMPDIR).';
  return refusal('bad_configuration', why, next);
}

const failed = (refused: Refusal): Result<never, ConnectFailure> => err({ refusal: refused, retry: false });
