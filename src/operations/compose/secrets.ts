/** Names that tell of a secret wherever they stand, and those that do only as a word of their own: POSTGRES_PASS, API_KEY. */
const TELLING = /passw|secret|token|credential|passphrase|apikey|privatekey|accesskey|authkey/i;
const TELLING_WORDS = new Set(['pass', 'pwd', 'pw', 'pin', 'key', 'keys', 'auth', 'salt', 'cert', 'dsn', 'private']);

/** `scheme://user:password@`, `password=…`, `--requirepass …`, the head of a private key. */
const TELLING_VALUE =
  /:\/\/\S*:\S*@|(?:passw(?:or)?d|passwd|pwd|secret|token|api[_-]?key)["']?\s*[=:]|(?:^|\s)--?[\w-]*(?:pass|secret|token)[\w-]*[\s=]|-----BEGIN/i;

/** Whether the name of a value says that it is a secret. The path of a file with one (`…_FILE`) is none. */
export function isSecretName(name: string): boolean {
  if (/[_.-]file$/i.test(name)) return false;
  const words = name
    .replaceAll(/([a-z\d])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .split(/[^a-z\d]+/);
  return TELLING.test(name) || words.some((word) => TELLING_WORDS.has(word));
}

/** Whether a value says of itself that it holds a secret. */
export function holdsSecret(value: string): boolean {
  return TELLING_VALUE.test(value);
}

/**
 * Whether a key of a file is a name and nothing else. A blank left out makes a key of a value: `{ PGPASSWORD:x }`, and so
 * does an item `KEY=x` in the place of `KEY: x`.
 */
export function isPlainKey(key: string): boolean {
  return key === '<<' || /^[\p{L}\p{N}_./@-]{1,100}$/u.test(key);
}

/** Values of a service that are never secret. Of all others nobody knows: a healthcheck or a log driver may hold one. */
const OPEN = new Set(
  `container_name cpu_count cpu_percent cpu_quota cpu_period cpu_shares cpus cpuset depends_on devices dns dns_search domainname
  expose extra_hosts hostname image init ipc isolation links mem_limit mem_reservation mem_swappiness memswap_limit network_mode
  networks oom_kill_disable oom_score_adj pid pids_limit platform ports privileged profiles pull_policy read_only restart runtime
  scale shm_size stdin_open stop_grace_period stop_signal tmpfs tty ulimits user userns_mode volumes working_dir`.split(
    /\s+/,
  ),
);
const OPEN_IN_DEPLOY = new Set(['replicas', 'mode', 'resources', 'restart_policy', 'update_config', 'rollback_config']);

/** Whether what stands at a path may be told. */
export function mayBeTold(path: readonly string[], value: string): boolean {
  const [top, , key = '', inner = ''] = path;
  if (holdsSecret(value) || path.some(isSecretName)) return false;
  if (path.length === 1) return top === 'version' || top === 'name';
  return top === 'services' && (OPEN.has(key) || (key === 'deploy' && OPEN_IN_DEPLOY.has(inner)));
}

/** Groups that may be written as a list of `KEY=value`. */
const NAMED = new Set(['environment', 'labels', 'args', 'sysctls', 'annotations']);

/**
 * An item `KEY=value` of such a group, taken apart. Null for everything else: an item of another list may be a value from
 * its beginning to its end.
 */
export function namedItem(group: string, text: string): { readonly name: string; readonly value: string } | null {
  const item = NAMED.has(group) ? /^([A-Za-z_][\w.-]{0,99})=(.*)$/s.exec(text) : null;
  return item ? { name: item[1] ?? '', value: item[2] ?? '' } : null;
}
