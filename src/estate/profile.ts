import { z } from 'zod';
import { HOST_ROLES } from '../config/permission-words.ts';
import { duration } from '../config/schema.ts';
import { parameterShape } from './parameter.ts';
import { name } from './types.ts';
import { WEB_HEAD } from './web-heads.ts';

/**
 * How one kind of application is operated, as data. Every command is a list of arguments with typed placeholders
 * (template.ts). What a vendor does not publish is null with a note, and nothing is guessed in its place.
 */

const word = z
  .string()
  .regex(/^[a-z][a-z0-9_]{0,59}$/, 'lower-case letters, digits and underscores, starting with a letter');
const line = z
  .string()
  .min(1)
  .max(300)
  .regex(/^[^\n\0]*$/, 'one line');
const note = z.string().trim().min(1).max(1_000);
const template = z.string().max(1_000);
const role = z.enum(HOST_ROLES);
const argv = z.array(template).min(1).max(60);

/** How an answer is read: by the end of the command, by what it prints, or both. */
const sign = z
  .strictObject({
    exit: z.int().min(0).max(255).optional().describe('Exit code.'),
    prints: z.string().min(1).max(200).optional().describe('Text that stands in the output.'),
  })
  .refine((it) => it.exit !== undefined || it.prints !== undefined, 'say `exit`, `prints` or both');

const commandShape = {
  run: z
    .array(argv)
    .min(1)
    .max(20)
    .nullable()
    .describe('Lists of arguments, run one after the other until one fails; null when nobody has set it yet.'),
  note: note.optional().describe('Why it is not set, or what to know about it.'),
  example: z.array(argv).min(1).optional().describe('The shape a value would have, for one that is not set.'),
  in: template.optional().describe('Folder to run in; the site’s folder when absent.'),
  on: z
    .enum([...HOST_ROLES, WEB_HEAD])
    .optional()
    .describe(
      'Role of the host to run on, or `web-head` for each host of the role app or api; the site’s own host when absent.',
    ),
  parameters: z.record(word, z.strictObject(parameterShape)).default({}),
  yes_when: sign.optional().describe('For a command that asks something: what means yes.'),
};
const command = z
  .strictObject(commandShape)
  .refine((it) => it.run !== null || it.note !== undefined, 'a command that is not set needs a `note` that says why');

/** What Twokey may ask an application for. One that a profile does not name is one that its kind of application has not. */
const commands = z.strictObject({
  start: command.optional(),
  stop: command.optional(),
  restart: command.optional(),
  status: command.optional(),
  logs: command.optional(),
  version: command.optional().describe('Prints the version that runs.'),
  healthcheck: command.optional(),
  migrate: command.optional().describe('Brings the database to the new version.'),
  migrate_pending_probe: command.optional().describe('Asks whether there is anything to migrate; changes nothing.'),
  config_validate: command.optional(),
  config_apply: command.optional(),
  release_load: command.optional().describe('Puts a release in place without using it.'),
  release_list: command.optional(),
  release_switch: command.optional().describe('Uses a release that is in place.'),
  release_revert: command.optional().describe('Uses the one before again.'),
  service_status: command.optional().describe('For services of the kind `command`; takes {service}.'),
  service_start: command.optional(),
  service_stop: command.optional(),
  service_restart: command.optional(),
  service_logs: command.optional(),
});

const task = z.strictObject({
  ...commandShape,
  title: line,
  risk: z.enum(['routine', 'disruptive']),
});

const probe = z
  .strictObject({
    http: template.optional().describe('Address that answers 200.'),
    tcp: template.optional().describe('Port that accepts a connection.'),
    command: argv.optional().describe('Command that ends with 0.'),
  })
  .refine((it) => Object.keys(it).length === 1, 'a probe is one of `http`, `tcp` and `command`');

const SERVICE_KINDS = ['systemd', 'compose', 'supervisor', 'monit', 'apache', 'process', 'command', 'watched'] as const;

const service = z.strictObject({
  name,
  kind: z
    .enum(SERVICE_KINDS)
    .describe(
      'Who runs it. `command`: the profile’s service_* commands do; `watched`: nobody knows, it is only probed.',
    ),
  unit: template.optional().describe('What it is called there; its name when absent.'),
  role,
  optional: z.boolean().default(false).describe('Not every site has it.'),
  probe: probe.optional(),
  note: note.optional(),
});

const backup = z
  .strictObject({
    method: z.enum(['pg_dump', 'pg_basebackup', 'files', 'command', 'vendor']).optional(),
    command: commands.keyof().optional().describe('For the method `command`: which of the profile’s commands.'),
    path: template
      .optional()
      .describe('For `files`: what is copied. For `vendor`: where the vendor’s own backup is found.'),
    none: note.optional().describe('Why there is no backup of it.'),
    note: note.optional(),
  })
  .refine((it) => (it.method === undefined) !== (it.none === undefined), 'say `method`, or `none` with the reason')
  .refine(
    (it) => (it.method === 'command') === (it.command !== undefined),
    'the method `command` names a `command`, and no other does',
  )
  .refine(
    (it) => it.path === undefined || it.method === 'files' || it.method === 'vendor',
    '`path` is for `files` and `vendor`',
  );

const database = z
  .strictObject({
    via: z.enum(['libpq', 'compose_exec']).describe('How the PostgreSQL programs reach it.'),
    service: template.optional().describe('For compose_exec: the service that runs PostgreSQL.'),
    name: z.string().min(1).max(63).optional(),
    user: z.string().min(1).max(63).optional(),
    found_in: note.optional().describe('Where a person finds the names and the password.'),
  })
  .refine(
    (it) => (it.via === 'compose_exec') === (it.service !== undefined),
    '`service` goes with compose_exec, and only with it',
  );

const mode = z.strictObject({
  name,
  users: z.enum(['work', 'read', 'none']).describe('What people can do in this mode.'),
  enter: command,
  shown_by: sign.optional().describe('What the probe shows in this mode.'),
});

const maintenance = z.strictObject({
  none: note.optional().describe('Why this application has no maintenance; its modes are then left alone.'),
  modes: z.array(mode).max(6).default([]),
  probe: command.optional().describe('Shows the mode without changing it.'),
  http_status: z.int().min(100).max(599).optional().describe('What a visitor gets while nobody can work.'),
  expires_after: duration.optional().describe('The application ends it by itself after this time.'),
});

const minor = z.string().regex(/^\d{1,9}\.\d{1,9}$/, 'a minor version in quotes, for example "8.10"');
const upgrade = z
  .strictObject({
    path: z
      .array(z.strictObject({ minor, next: z.array(minor).max(20) }))
      .max(500)
      .nullable()
      .describe('Known minor versions and which may follow which; null when nobody has set it yet.'),
    unordered: note.optional().describe('Why there is no order to keep, for an application that has no such rule.'),
    note: note.optional(),
    staging_first: z.boolean(),
    min_soak: duration.optional().describe('How long staging runs a version before production may.'),
  })
  .refine((it) => it.path === null || it.unordered === undefined, 'either `path` or `unordered`')
  .refine(
    (it) => it.path !== null || it.unordered !== undefined || it.note !== undefined,
    'a path that is not set needs a `note` that says why',
  );

const identifier = z.string().regex(/^[A-Za-z_][A-Za-z0-9_$]{0,62}$/, 'a plain SQL name');
const trim = z
  .strictObject({
    table: identifier.nullable(),
    date_column: identifier.nullable(),
    note: note.optional(),
  })
  .refine((it) => (it.table === null) === (it.date_column === null), '`table` and `date_column` are set together')
  .refine((it) => it.table !== null || it.note !== undefined, 'a trim that is not set needs a `note` that says why');

const threshold = z
  .strictObject({
    unit: z.enum(['percent', 'count', 'seconds', 'days', 'ratio']),
    bad: z.enum(['above', 'below']).default('above'),
    warn: z.number().optional(),
    crit: z.number().optional(),
    for: duration.optional().describe('How long it has to last.'),
  })
  .refine((it) => it.warn !== undefined || it.crit !== undefined, 'say `warn`, `crit` or both')
  .refine(
    ({ warn, crit, bad }) =>
      warn === undefined || crit === undefined || (bad === 'above' ? warn <= crit : warn >= crit),
    '`crit` has to be worse than `warn`',
  );

const setting = z.strictObject({
  ...parameterShape,
  description: line,
  default: z.string().max(1_000).optional().describe('As it would be typed, in quotes; without one it has to be set.'),
  advanced: z.boolean().default(false).describe('Usually not to be modified.'),
  secret: z.boolean().default(false).describe('Its value is the name of a file in the secrets folder.'),
  needs_redeploy: z.boolean().default(true),
});

const discovery = z.discriminatedUnion('by', [
  z.strictObject({ by: z.literal('docker_label'), label: z.string().min(1).max(200) }),
  z.strictObject({ by: z.literal('apache_vhost'), folder: z.string().min(1).max(400) }),
  z.strictObject({ by: z.literal('compose_projects') }),
]);

const many = <S extends z.ZodType>(schema: S) => z.array(schema).max(100).default([]);

export const profileDocument = z.strictObject({
  name,
  title: line,
  extends: name.optional().describe('The profile that this one is made from.'),
  roles: z.array(role).min(1).describe('Roles that the hosts of a site may have.'),
  duties: name.default('generic').describe('The list of who answers for what; see "Duties" in docs/profiles.md.'),
  licence: z
    .strictObject({
      product: name.describe('What the licence is for; profiles of one product are counted together.'),
      production: z.int().min(0),
      staging: z.int().min(0),
      note,
    })
    .optional(),
  layout: z.strictObject({
    site_dir: template.nullable().describe('Where a site usually lies; null when there is no such rule.'),
    backup_dir: template.default('{site_dir}/db_backup'),
    media_dir: template.nullable(),
    release_dir: template
      .nullable()
      .default(null)
      .describe('Folder into which the files of a release are unpacked; null when nobody has set it.'),
    release_strip: z
      .int()
      .min(0)
      .max(20)
      .default(0)
      .describe('How many folders are taken off the front of a path in the archive.'),
    release_dir_note: note.optional().describe('Why `release_dir` is not set, or what to know about it.'),
  }),
  discover: many(discovery),
  preflight: z
    .strictObject({
      cpus: z.int().min(1).optional(),
      memory_gb: z.int().min(1).optional(),
      kernel: z.string().optional(),
      docker: z.string().optional(),
      compose: z.string().optional(),
    })
    .optional()
    .describe('The least that a host needs.'),
  compose: z
    .strictObject({
      version: z.enum(['v1', 'v2']).describe('v1 is `docker-compose`, v2 is `docker compose`.'),
      folder: template.describe('Where docker-compose.yml lies.'),
    })
    .optional(),
  db: database,
  services: z.array(service).max(100),
  commands,
  tasks: z.record(word, task).default({}),
  maintenance,
  datastores: z
    .array(z.strictObject({ name, kind: word, backup }))
    .min(1)
    .max(50),
  post_sync_hooks: many(z.strictObject({ name, title: line, when: z.enum(['before_start', 'after_start']), command })),
  releases: many(z.strictObject({ product: name, pattern: z.string().min(3).max(400) })),
  upgrade,
  trim: trim.optional(),
  thresholds: z
    .record(z.string().regex(/^[a-z]+(?:\.[a-z0-9_]+)+$/, 'a check, for example fs.space'), threshold)
    .default({}),
  signoff: many(z.strictObject({ name, title: line })),
  excluded_ops: many(
    z.strictObject({ command: z.string().regex(/^[a-z]+(?: [a-z]+)?$/, 'a command, for example trim'), reason: note }),
  ),
  single_instance_jobs: many(
    z.strictObject({
      name,
      title: line,
      trace: template.optional().describe('File whose time of change tells the last run.'),
      note: note.optional(),
    }),
  ),
  settings: z.record(word, setting).default({}),
});

export type Profile = z.output<typeof profileDocument>;
export type ProfileCommand = z.output<typeof command>;
export type CommandName = keyof Profile['commands'];
