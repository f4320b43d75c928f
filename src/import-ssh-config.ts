import { existsSync, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { knownKeys, sshSettings } from './adapters/openssh/openssh.ts';
import { type HostKey, hostKeyInWords, readKeyLine } from './estate/host-key.ts';
import { hostOf } from './estate/import/known-host.ts';
import { hostsOf, type SshHost } from './estate/import/ssh-hosts.ts';
import { checkAlias } from './estate/import/ssh-settings.ts';
import { type EstateDocument, estateDocument } from './estate/types.ts';
import { importReading, type Reading, raise, readWords } from './import-estate.ts';
import { refusal } from './kernel/errors.ts';

export const IMPORT_SSH_USAGE =
  'import-ssh-config HOST… --cluster CLUSTER [--config FILE] [--key-file FILE] [--pin SHA256:…] [--yes]';

function options(words: readonly string[]) {
  return parseArgs({
    args: [...words],
    allowPositionals: true,
    options: {
      yes: { type: 'boolean', default: false },
      cluster: { type: 'string' },
      config: { type: 'string' },
      'key-file': { type: 'string' },
      pin: { type: 'string', multiple: true, default: [] },
    },
  });
}
type Given = ReturnType<typeof options>['values'];

/** The first of the keys that ssh would try which is there; one with a token of ssh's is not looked for. */
function identityOf(files: readonly string[]): string | undefined {
  return files
    .filter((file) => !/[%$]/.test(file))
    .map((file) => (file.startsWith('~/') ? join(homedir(), file.slice(2)) : file))
    .find((file) => file.startsWith('/') && existsSync(file) && statSync(file).isFile());
}

interface Found {
  readonly host: SshHost;
  readonly keys: readonly HostKey[];
}

/** What is said of the host keys that were found: nothing is trusted because a file on this machine has it. */
function aboutKeys({ host, keys }: Found, pinned: readonly string[]): string[] {
  const open = keys.filter((key) => !pinned.includes(key.line));
  if (keys.length === 0)
    return [`No host key of ${host.name} is in your known_hosts (looked for ${host.settings.keyName}).`];
  if (open.length === 0) return [];
  return [
    `Host keys of ${host.name} in your known_hosts, not pinned:`,
    ...open.map((key) => `  ${hostKeyInWords(key)}`),
    `Compare them with the host's own, then add ${open.map((key) => `--pin ${key.fingerprint}`).join(' ')}`,
  ];
}

function clusterFor(host: SshHost, given: Given, before: EstateDocument): string {
  const cluster = hostOf(before, host.name)?.cluster ?? given.cluster;
  return (
    cluster ??
    raise(
      refusal(
        'bad_arguments',
        `The host ${host.name} is new, and nothing says which cluster it belongs to.`,
        'Add --cluster NAME.',
      ),
    )
  );
}

async function readAll(aliases: readonly string[], given: Given, before: EstateDocument): Promise<Reading> {
  const asked = await hostsOf(aliases, (hop) => sshSettings(hop, given.config ?? null));
  if (!asked.ok) return raise(asked.error);
  const found = await Promise.all(
    asked.value.map(
      async (host): Promise<Found> => ({ host, keys: (await knownKeys(host.settings)).map(readKeyLine) }),
    ),
  );
  const stranger = given.pin.find((pin) => !found.some(({ keys }) => keys.some((key) => key.fingerprint === pin)));
  if (stranger !== undefined)
    raise(
      refusal(
        'host_key_unknown',
        `No host key with the fingerprint ${stranger} is in your known_hosts.`,
        'Pin a fingerprint as it was shown without --pin.',
      ),
    );
  const clusters = new Map<string, unknown[]>();
  const remarks: string[] = [];
  const keyless: string[] = [];
  for (const one of found) {
    const { name, settings, jump, asked: named } = one.host;
    const old = hostOf(before, name)?.host;
    const agent = old?.agent !== undefined;
    const key = given['key-file'] ?? old?.key_file ?? (agent ? undefined : identityOf(settings.identityFiles));
    if (key === undefined && !agent) keyless.push(name);
    const { jump: _before, ...kept } = old ?? {};
    const pinned = one.keys.filter((it) => given.pin.includes(it.fingerprint)).map((it) => it.line);
    const hostKeys = [...new Set([...(old?.host_keys ?? []), ...pinned])];
    const cluster = clusterFor(one.host, given, before);
    const host = {
      // What an ssh_config does not say stays; one that is only on the way has no role of a site.
      ...(old === undefined && !named ? { roles: [] } : {}),
      ...kept,
      name,
      address: settings.address,
      port: settings.port,
      user: settings.user,
      host_keys: hostKeys,
      ...(key === undefined ? {} : { key_file: key }),
      ...(jump === null ? {} : { jump }),
    };
    clusters.set(cluster, [...(clusters.get(cluster) ?? []), host]);
    remarks.push(...aboutKeys(one, hostKeys));
  }
  if (keyless.length > 0)
    return {
      document: null,
      remarks: [
        `No key file of ${keyless.join(', ')} is on this machine.`,
        `To complete it, add --key-file FILE: the private key with which Twokey logs in.`,
      ],
    };
  const checked = estateDocument.safeParse({
    clusters: [...clusters].map(([name, hosts]) => ({ name, hosts, sites: [] })),
  });
  if (!checked.success)
    return raise(
      refusal(
        'bad_arguments',
        `This cannot be taken over:\n${z.prettifyError(checked.error)}`,
        'Correct your ssh_config, or the options.',
      ),
    );
  return { document: checked.data, remarks };
}

/**
 * `twokey import-ssh-config HOST…`: takes hosts over from an ssh_config, once. Answers the exit code, null when the words
 * make no sense.
 */
export async function importSshConfigTool(words: readonly string[]): Promise<number | null> {
  const parsed = readWords(words, options);
  if (parsed === null) return null;
  const { values, positionals: aliases } = parsed;
  for (const alias of aliases) {
    const objection = checkAlias(alias);
    if (objection) raise(objection);
  }
  return importReading({ yes: values.yes, reason: undefined }, (before) => readAll(aliases, values, before));
}
