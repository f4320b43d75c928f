import { z } from 'zod';
import { describeFields } from '../src/estate/diff.ts';
import { findSite } from '../src/estate/estate.ts';
import { findThing, hashThing } from '../src/estate/thing.ts';
import { name, siteDocument } from '../src/estate/types.ts';
import { refusal } from '../src/kernel/errors.ts';
import { err } from '../src/kernel/result.ts';
import { planEdit } from '../src/operations/estate/plan-edit.ts';
import { estateOperation } from './contract/command.ts';
import { changesField, changesText, edited } from './contract/edit.ts';
import { editForm } from './contract/edit-form.ts';
import type { Field } from './contract/field.ts';
import { LICENCE_REASON, reasonText } from './contract/reason.ts';

const FIXED = { name: 'A site keeps its name: add it under the new one and remove the old.' };

const input = (key: string, label: string, more: Partial<Field> = {}): Field => ({
  key,
  label,
  of: 'text',
  required: true,
  ...more,
});
const optional = { required: false };

/** Where a site lies, what it is and where its database answers, a field each. */
const form = editForm({
  schema: siteDocument,
  fixed: FIXED,
  find: ({ site = '' }, estate) => {
    const found = estate.sites.get(site);
    if (!found) return null;
    const { cluster: _cluster, hostOf: _host, ...document } = found;
    return document;
  },
  fields: (_args, { hosts }) => [
    input('environment', 'environment', { hint: 'production, staging or another one of the policy' }),
    input('version', 'version', { hint: 'the one that is installed now' }),
    input('host', 'host', { of: 'host', options: [...hosts.keys()] }),
    input('web_heads', 'hosts that serve it', {
      ...optional,
      hint: 'where the roles in the cluster do not tell: app1, api1',
    }),
    input('site_dir', 'folder', { hint: 'where the site lies on its host' }),
    input('profile', 'profile'),
    input('database.host', 'database host', { hint: 'as seen from the site’s host' }),
    input('database.port', 'database port'),
    input('database.name', 'database name'),
    input('database.user', 'database account'),
    input('database.password_secret', 'name of the password’s file', { ...optional, hint: 'in the folder `secrets`' }),
    input('calendar', 'calendar', { ...optional, hint: 'instead of its environment’s' }),
    input('data_region', 'data region', { ...optional, hint: 'for example de' }),
  ],
  beside: [LICENCE_REASON],
  among: (key, value, _args, { hosts }) =>
    key !== 'host' || hosts.has(value) ? null : `There is no host ${value} in the estate.`,
});

export const command = estateOperation({
  name: 'site edit',
  summary: 'Change fields of a site: environment, version, folder, database and the like.',
  fields: [
    { key: 'site', label: 'site', of: 'site', required: true },
    changesField('version 8.2.0 database.port 5433'),
    LICENCE_REASON,
  ],
  form,
  risk: 'routine',
  args: z.strictObject({ site: name, changes: changesText, reason: reasonText.exactOptional() }),
  plan: (facts, args) => {
    const site = findSite(facts.estate, args.site);
    if (!site.ok) return site;
    const thing = findThing(facts.document, 'site', args.site);
    if (thing?.kind !== 'site') return err(refusal('unknown_site', `There is no site "${args.site}".`));
    const document = edited(siteDocument, thing.document, args.changes, FIXED);
    if (!document.ok) return document;
    return planEdit(facts, {
      command: 'site edit',
      args,
      edit: { act: 'put', before: hashThing(thing), thing: { ...thing, document: document.value } },
      effects: [
        ...describeFields(thing.document, document.value),
        'Only the estate is changed; nothing is run on the host. Requests for this site that wait will have to be approved again.',
      ],
      next: `See how it answers with \`status ${args.site}\`.`,
    });
  },
});
