import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { lockFile } from './whole-host-lock.ts';
import { must } from './whole-host-run.ts';

const SUITE = 'bookworm';

const PACKAGES = [
  'systemd',
  'systemd-sysv',
  'dbus',
  'openssh-server',
  'postgresql',
  'rsync',
  'procps',
  'iproute2',
  'util-linux',
  'ca-certificates',
  'sudo',
  'tcsh',
  'fish',
  'busybox',
  // For the test that looks at a legacy web server; it does not start by itself. One image serves all: building takes a minute.
  'apache2',
];

/**
 * What is done to the fresh system. Host keys and the machine id are taken out, so that no two hosts share them; the
 * database cluster is made anew because the installer, run without a locale, makes one without an encoding.
 */
const FINISH = `set -e
useradd --create-home --shell /bin/bash ops
install -d -o ops -g ops -m 700 /home/ops/.ssh
rm -f /etc/ssh/ssh_host_*
: > /etc/machine-id
rm -f /var/lib/dbus/machine-id
rm -f /etc/systemd/system/multi-user.target.wants/apache*.service
pg_dropcluster 15 main
pg_createcluster --locale C.UTF-8 15 main >/dev/null
apt-get clean
`;

/** $1 new root directory, $2 packages, $3 suite, $4 mirror, $5 what to do at the end, $6 the tar to write. */
const BUILD = `set -eu
export LC_ALL=C.UTF-8 DEBIAN_FRONTEND=noninteractive PATH=/usr/sbin:/usr/bin:/sbin:/bin
debootstrap --variant=minbase --include="$2" "$3" "$1" "$4" >&2
chroot "$1" /bin/sh -c "$5" >&2
tar -C "$1" --one-file-system --numeric-owner --exclude=./proc/* --exclude=./sys/* -cf "$6" .
`;

export interface HostImage {
  /** Name and tag for the engine; the same content has the same name. */
  readonly name: string;
  readonly tar: string;
}

/** The archive this machine's own apt uses; only asked for at run time, because it differs from machine to machine. */
async function mirrorOfThisMachine(): Promise<string> {
  const lines = await must('apt-get', [
    'indextargets',
    '--format',
    '$(CREATED_BY) $(RELEASE) $(COMPONENT) $(REPO_URI)',
  ]);
  for (const line of lines.split('\n')) {
    const [kind, release, component, uri] = line.split(' ');
    if (kind === 'Packages' && release === SUITE && component === 'main' && uri) return uri.replace(/\/$/, '');
  }
  throw new Error(`the apt sources of this machine name no ${SUITE} main archive to build a host from`);
}

/** Name and place of the image with these packages; whatever shapes its content is in the key. */
function plannedImage(cacheDir: string, extraPackages: readonly string[]): HostImage & { packages: string[] } {
  const packages = [...new Set([...PACKAGES, ...extraPackages])].sort();
  const recipe = [SUITE, packages.join(','), FINISH, BUILD].join('\n');
  const key = createHash('sha256').update(recipe).digest('hex').slice(0, 16);
  return { packages, name: `twokey-test-host:${key}`, tar: join(cacheDir, `host-${key}.tar`) };
}

/** Why the plain image is neither in the cache nor can be built; undefined when it is or can. */
export async function whyNoImage(cacheDir: string): Promise<string | undefined> {
  if (existsSync(plannedImage(cacheDir, []).tar)) return undefined;
  return mirrorOfThisMachine().then(
    () => undefined,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
}

/**
 * The image of a whole Debian host, built by debootstrap (about a minute) unless `cacheDir` has it. Two runs that
 * start at once build it once; a run that is killed while building leaves nothing the next one would trust.
 */
export async function hostImage(cacheDir: string, extraPackages: readonly string[] = []): Promise<HostImage> {
  const { packages, ...image } = plannedImage(cacheDir, extraPackages);
  if (existsSync(image.tar)) return image;

  await mkdir(cacheDir, { recursive: true });
  await using _lock = await lockFile(join(cacheDir, 'build.lock'), 600);
  if (existsSync(image.tar)) return image;
  // Under the lock, so whatever is lying here was left by a run that died.
  for (const name of await readdir(cacheDir)) {
    if (name.startsWith('build-')) await rm(join(cacheDir, name), { recursive: true, force: true });
  }
  const work = join(cacheDir, `build-${process.pid}`);
  const root = join(work, 'root');
  await mkdir(root, { recursive: true });
  try {
    const made = join(work, 'host.tar');
    // In namespaces of its own, which end with this process: no mount and no program of the build outlives it.
    const bound = ['--pdeathsig', 'KILL', 'unshare', '--mount', '--propagation', 'private'];
    const build = [...bound, '--pid', '--fork', '--kill-child', '--mount-proc', 'sh', '-c', BUILD, 'build'];
    const args = [root, packages.join(','), SUITE, await mirrorOfThisMachine(), FINISH, made];
    await must('setpriv', [...build, ...args], { timeoutMs: 900_000 }).catch(async (cause: unknown) => {
      const log = await readFile(join(root, 'debootstrap/debootstrap.log'), 'utf8').catch(() => '');
      throw new Error(`the host image could not be built: ${log.split('\n').slice(-5).join('\n')}`, { cause });
    });
    await rename(made, image.tar);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
  return image;
}
