import { z } from 'zod';
import { HOST_ROLES } from '../config/permission-words.ts';

/** Lower-case letters, digits and single dashes: safe in a file name, a Slack message and a shell word alike. */
export const name = z
  .string()
  .min(1)
  .max(60)
  .regex(
    /^[a-z0-9]+(?:[-.][a-z0-9]+)*$/,
    'lower-case letters, digits, dashes and dots, starting with a letter or digit',
  );

export const absolutePath = z
  .string()
  .max(400)
  .regex(/^\/[^\0\n]*$/, 'an absolute path')
  .refine((path) => !path.split('/').includes('..'), 'a path without ".."');

/** Where data may lie, for example `de` or `eu-central-1`; compared letter by letter. */
export const dataRegion = z.string().regex(/^[a-z]{2}(?:-[a-z0-9]{1,20}){0,3}$/, 'a region such as de or eu-central-1');

const publicKey = z.string().regex(/^(?:ssh|ecdsa)-[a-z0-9-]+ [A-Za-z0-9+/=]+/, 'a public key line');

const host = z.strictObject({
  name,
  address: z.string().regex(/^[A-Za-z0-9:][A-Za-z0-9.:-]{0,254}$/, 'a host name or an address'),
  port: z.int().min(1).max(65535).default(22),
  /** `none`: a black box of somebody else; it is known by its address, and nothing is ever run on it. */
  shell: z.enum(['ssh', 'none']).default('ssh'),
  user: z
    .string()
    .regex(/^[a-z_][a-z0-9_-]{0,31}$/, 'a user name')
    .optional(),
  roles: z.array(z.enum(HOST_ROLES)).default(['app', 'db']),
  /** Folder on the host for job directories and locks. */
  base: absolutePath.default('/var/tmp/twokey/jobs'),
  /** Pinned public keys, one `ssh-ed25519 AAAA…` line each. */
  host_keys: z.array(publicKey).default([]),
  /** Authorities whose certificate vouches for the host's key; the address must be one of the names in it. */
  host_ca: z.array(publicKey).default([]),
  /** Who speaks SSH: the library, or the system's own client for what the library has not (certificates). */
  transport: z.enum(['ssh2', 'openssh']).default('ssh2'),
  /** Our own key: a file beside Twokey, or an agent, at a socket or (`true`) at the one of SSH_AUTH_SOCK. */
  key_file: absolutePath.optional(),
  agent: z.union([z.literal(true), absolutePath]).optional(),
  /** Name of the file in the data directory's `secrets` folder that opens the key file. */
  key_passphrase_secret: name.optional(),
  /** Our certificate for the key. */
  certificate_file: absolutePath.optional(),
  /** Everything runs as this user; the account needs the right to `sudo -n -u USER /bin/sh -s`, and no other. */
  sudo: z
    .string()
    .regex(/^[a-z_][a-z0-9_-]{0,31}$/)
    .optional(),
  jump: name.optional(),
  /** How many disruptive or break-glass operations may run on it at the same time. */
  disruptive_at_once: z.int().min(1).max(20).default(1),
});

/** ssh reads tokens, variables and quotes in paths of its configuration, so that such paths are not for it. */
const NOT_FOR_SSH = /[%$"'\\\p{Cc}]/u;

/** A host; one with a shell needs an account and a key. */
export const hostDocument = host.superRefine((it, context) => {
  const refuse = (field: keyof z.output<typeof host>, message: string) =>
    context.addIssue({ code: 'custom', path: [field], message });
  if (it.shell === 'none') return;
  if (it.user === undefined) refuse('user', 'needed, unless the host has `shell: none`');
  if ((it.key_file === undefined) === (it.agent === undefined))
    refuse('key_file', 'either a key_file or an agent is needed, unless the host has `shell: none`');
  if (it.key_passphrase_secret !== undefined && it.key_file === undefined)
    refuse('key_passphrase_secret', 'a passphrase is for a key_file');
  if (it.transport === 'openssh') {
    for (const field of ['key_file', 'agent', 'certificate_file'] as const)
      if (typeof it[field] === 'string' && NOT_FOR_SSH.test(it[field]))
        refuse(field, 'a path without % $ \\ and quotes, which ssh would read as its own');
  } else {
    if (it.certificate_file !== undefined) refuse('certificate_file', 'certificates need `transport: openssh`');
    if (it.host_ca.length > 0) refuse('host_ca', 'certificates need `transport: openssh`');
  }
});

export const databaseDocument = z.strictObject({
  host: z.string().regex(/^[A-Za-z0-9.:_/-]{1,255}$/),
  port: z.int().min(1).max(65535).default(5432),
  name: z.string().regex(/^[A-Za-z_][A-Za-z0-9_$-]{0,62}$/),
  user: z.string().regex(/^[A-Za-z_][A-Za-z0-9_$-]{0,62}$/),
  /** Name of the file in the data directory's `secrets` folder; absent when the host's own .pgpass serves. */
  password_secret: name.optional(),
  must_have_tables: z.array(z.string().regex(/^[A-Za-z_][A-Za-z0-9_$.]{0,126}$/)).default([]),
  /** Folder of the PostgreSQL client programs on the host; absent when they are on the PATH. */
  bin_dir: absolutePath.optional(),
  jobs: z.int().min(1).max(16).default(2),
  lock_wait_seconds: z.int().min(1).max(3600).default(30),
});

export const siteDocument = z.strictObject({
  name,
  environment: z.string().regex(/^[a-z][a-z0-9-]{0,30}$/),
  profile: name.default('script'),
  host: name,
  /** The hosts that serve its web or API, where the cluster's roles do not tell; commands for web heads run on each. */
  web_heads: z.array(name).min(1).max(50).optional(),
  site_dir: absolutePath,
  version: z.string().regex(/^[0-9A-Za-z][0-9A-Za-z.+_-]{0,60}$/, 'a version such as 8.1.0'),
  database: databaseDocument,
  /** Name of a calendar of the configuration that holds for this site instead of its environment's. */
  calendar: z.string().min(1).max(60).optional(),
  data_region: dataRegion.optional(),
});

/** What a cluster says of itself; its hosts and sites stand beside it. */
export const clusterDocument = z.strictObject({ name, data_region: dataRegion.optional() });

export const estateDocument = z.strictObject({
  clusters: z.array(
    z.strictObject({
      ...clusterDocument.shape,
      hosts: z.array(hostDocument).default([]),
      sites: z.array(siteDocument).default([]),
    }),
  ),
});

export type HostDocument = z.output<typeof hostDocument>;
export type SiteDocument = z.output<typeof siteDocument>;
export type ClusterDocument = z.output<typeof clusterDocument>;
export type EstateDocument = z.output<typeof estateDocument>;

/** A host together with the cluster it belongs to. */
export interface Host extends HostDocument {
  readonly cluster: string;
}

/** A site together with its cluster and its host. */
export interface Site extends SiteDocument {
  readonly cluster: string;
  readonly hostOf: Host;
}

export interface Estate {
  readonly clusters: ReadonlyMap<string, ClusterDocument>;
  readonly hosts: ReadonlyMap<string, Host>;
  readonly sites: ReadonlyMap<string, Site>;
}
