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
import { LICENCE_REASON, reasonText } from './contract/reason.ts';

const FIXED = { name: 'A site keeps its name: add it under the new one and remove the old.' };

export const command = estateOperation({
  name: 'site edit',
  summary: 'Change fields of a site: environment, version, folder, database and the like.',
  fields: [
    { key: 'site', label: 'site', of: 'site', required: true },
    changesField('version 8.2.0 database.port 5433'),
    LICENCE_REASON,
  ],
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
