import { access, constants, mkdir } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { defaultCacheDir } from './whole-host-engine.ts';
import { whyNoImage } from './whole-host-image.ts';
import { run } from './whole-host-run.ts';

/** Programs that are needed, with the Debian package of each. */
const PROGRAMS: Readonly<Record<string, string>> = {
  dockerd: 'docker.io',
  docker: 'docker.io',
  containerd: 'containerd',
  runc: 'runc',
  debootstrap: 'debootstrap',
  ip: 'iproute2',
  unshare: 'util-linux',
  nsenter: 'util-linux',
  setpriv: 'util-linux',
  flock: 'util-linux',
  'ssh-keygen': 'openssh-client',
  tar: 'tar',
  perl: 'perl',
  'apt-get': 'apt',
};

/**
 * What the engine, its image and its networks will do, tried once and undone. $1 is the cache directory, as an overlay
 * does not lie on every file system; device nodes are what an image has and a rootless container cannot make.
 */
const TRIAL = `set -e
s=$(mktemp -d "$1/trial-XXXXXX")
trap 'umount "$s/m" 2>/dev/null || :; rm -rf "$s"' EXIT
mkdir "$s/l" "$s/u" "$s/w" "$s/m"
mknod "$s/n" c 1 3
mount -t overlay overlay -o "lowerdir=$s/l,upperdir=$s/u,workdir=$s/w" "$s/m"
ip link add twokey0 type veth peer name twokey1
c=/sys/fs/cgroup
if [ ! -e $c/cgroup.controllers ]; then c=$c/systemd; fi
mkdir "$c/\${s##*/}"
rmdir "$c/\${s##*/}"
`;

async function isInstalled(program: string): Promise<boolean> {
  for (const dir of (process.env.PATH ?? '').split(delimiter)) {
    const found = await access(join(dir, program), constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return true;
  }
  return false;
}

/**
 * Whether whole hosts can run on this machine; if not, why and what would change that. Quick (it starts no engine and
 * builds no image), and harmless: what it tries, it tries in namespaces of its own or takes back at once.
 */
export async function canRunWholeHosts(
  cacheDir: string = defaultCacheDir(),
): Promise<{ ok: true } | { ok: false; why: string }> {
  const no = (why: string) => ({ ok: false, why: `whole hosts need ${why}` }) as const;
  if (process.platform !== 'linux') return no('Linux');
  if (process.getuid?.() !== 0) return no('root: for containers, mounts and networks');
  const missing = new Set<string>();
  for (const [program, debianPackage] of Object.entries(PROGRAMS)) {
    if (!(await isInstalled(program))) missing.add(debianPackage);
  }
  if (missing.size > 0) return no(`more packages: apt-get install ${[...missing].join(' ')}`);

  // Changes nothing, and is refused to whoever may not change this machine's network.
  const network = await run('ip', ['link', 'set', 'lo', 'up']);
  if (network.code !== 0) return no(`the right to make networks on this machine: ${network.stderr.trim()}`);
  await mkdir(cacheDir, { recursive: true });
  const namespaces = [
    '--mount',
    '--propagation',
    'private',
    '--net',
    '--pid',
    '--fork',
    '--kill-child',
    '--mount-proc',
  ];
  const trial = await run('unshare', [...namespaces, 'sh', '-c', TRIAL, 'trial', cacheDir]);
  if (trial.code !== 0) {
    return no(`the right to mount, to make devices and control groups: ${trial.stderr.trim().split('\n').at(-1)}`);
  }
  const image = await whyNoImage(cacheDir);
  return image === undefined ? { ok: true } : no(`an image: ${image}`);
}
