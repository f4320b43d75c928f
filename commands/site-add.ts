import { z } from 'zod';
import { findHost } from '../src/estate/estate.ts';
import { changeFields } from '../src/estate/fields.ts';
import { ABSENT, keyOf } from '../src/estate/thing.ts';
import { name, siteDocument } from '../src/estate/types.ts';
import { planEdit } from '../src/operations/estate/plan-edit.ts';
import { estateOperation } from './contract/command.ts';
import type { Field } from './contract/field.ts';
import { LICENCE_REASON, reasonText } from './contract/reason.ts';

const text = z.string().trim().min(1).max(400);
const field = (key: string, label: string, more: Partial<Field> = {}): Field => ({
  key,
  label,
  of: 'text',
  required: true,
  flag: true,
  ...more,
});
const optional = { required: false };

export const command = estateOperation({
  name: 'site add',
  summary: 'Add a site on a host of the estate: where it lies, which environment it is, where its database is.',
  fields: [
    { key: 'site', label: 'name of the site', of: 'text', required: true },
    { key: 'host', label: 'host', of: 'host', required: true },
    field('environment', 'environment', { hint: 'production, staging or another one of the policy' }),
    field('site_dir', 'folder', { hint: 'where the site lies on its host' }),
    field('version', 'version', { hint: 'the one that is installed now' }),
    field('database.host', 'database host', { initial: '127.0.0.1', hint: 'as seen from the site’s host' }),
    field('database.name', 'database name'),
    field('database.user', 'database account', { initial: 'twokey_backup' }),
    field('database.port', 'database port', { ...optional, hint: 'default 5432' }),
    field('database.password_secret', 'name of the password’s file', { ...optional, hint: 'in the folder `secrets`' }),
    field('database.must_have_tables', 'tables it cannot do without', { ...optional, hint: 'users, projects' }),
    field('database.bin_dir', 'folder of the PostgreSQL programs', {
      ...optional,
      hint: 'when they are not on the PATH',
    }),
    field('profile', 'profile', optional),
    field('web_heads', 'hosts that serve it', {
      ...optional,
      hint: 'where the roles in the cluster do not tell: app1, api1',
    }),
    field('calendar', 'calendar', { ...optional, hint: 'instead of its environment’s' }),
    field('data_region', 'data region', { ...optional, hint: 'for example de' }),
    LICENCE_REASON,
  ],
  risk: 'routine',
  args: z.strictObject({
    site: name,
    host: name,
    environment: text,
    site_dir: text,
    version: text,
    'database.host': text,
    'database.name': text,
    'database.user': text,
    'database.port': text.exactOptional(),
    'database.password_secret': text.exactOptional(),
    'database.must_have_tables': text.exactOptional(),
    'database.bin_dir': text.exactOptional(),
    profile: text.exactOptional(),
    web_heads: text.exactOptional(),
    calendar: text.exactOptional(),
    data_region: text.exactOptional(),
    reason: reasonText.exactOptional(),
  }),
  plan: (facts, args) => {
    const host = findHost(facts.estate, args.host);
    if (!host.ok) return host;
    const { site, reason: _reason, ...set } = args;
    const document = changeFields(siteDocument, { name: site }, { set, unset: [] });
    if (!document.ok) return document;
    const { environment, version, site_dir, database } = document.value;
    const { cluster } = host.value;
    return planEdit(facts, {
      command: 'site add',
      args,
      edit: { act: 'put', before: ABSENT, thing: { kind: 'site', name: site, cluster, document: document.value } },
      on: keyOf('cluster', cluster),
      effects: [
        `Adds the site ${site} (${environment}, version ${version}) in ${site_dir} on ${args.host}, cluster ${cluster}.`,
        `Its database is ${database.name} at ${database.host}:${database.port}.`,
        'Nothing is run on the host.',
      ],
      next: `Make a first backup with \`backup ${site}\`.`,
    });
  },
});
