import { z } from 'zod';
import { describeFields } from '../src/estate/diff.ts';
import { findCluster } from '../src/estate/estate.ts';
import { targetOfKey } from '../src/estate/target.ts';
import { findThing, hashThing, keyOf } from '../src/estate/thing.ts';
import { clusterDocument, name } from '../src/estate/types.ts';
import { refusal } from '../src/kernel/errors.ts';
import { err } from '../src/kernel/result.ts';
import { planEdit } from '../src/operations/estate/plan-edit.ts';
import { estateOperation } from './contract/command.ts';
import { changesField, changesText, edited } from './contract/edit.ts';
import { editForm } from './contract/edit-form.ts';

const FIXED = {
  name: 'A cluster keeps its name: its hosts, its sites and their history go by it.',
};

export const command = estateOperation({
  name: 'cluster edit',
  summary: 'Change fields of a cluster: the region in which its data lies.',
  fields: [{ key: 'cluster', label: 'cluster', of: 'cluster', required: true }, changesField('data_region de')],
  form: editForm({
    schema: clusterDocument,
    fixed: FIXED,
    find: ({ cluster = '' }, estate) => estate.clusters.get(cluster) ?? null,
    fields: () => [
      { key: 'data_region', label: 'data region', of: 'text', required: false, hint: 'for example de or eu-central-1' },
    ],
  }),
  risk: 'routine',
  args: z.strictObject({ cluster: name, changes: changesText }),
  plan: (facts, args) => {
    const cluster = findCluster(facts.estate, args.cluster);
    if (!cluster.ok) return cluster;
    const thing = findThing(facts.document, 'cluster', args.cluster);
    if (thing?.kind !== 'cluster') return err(refusal('unknown_cluster', `There is no cluster "${args.cluster}".`));
    const document = edited(clusterDocument, thing.document, args.changes, FIXED);
    if (!document.ok) return document;
    const sites = targetOfKey(facts.estate, keyOf('cluster', args.cluster))?.sites ?? [];
    const named = sites.map((site) => `${site.name} (${site.environment})`).join(', ');
    return planEdit(facts, {
      command: 'cluster edit',
      args,
      edit: { act: 'put', before: hashThing(thing), thing: { ...thing, document: document.value } },
      effects: [
        ...describeFields(thing.document, document.value),
        named === '' ? 'No site is in this cluster.' : `Sites of this cluster: ${named}.`,
        'Only the estate is changed; nothing is run on the hosts.',
      ],
      next: `Look at it with \`cluster show ${args.cluster}\`.`,
    });
  },
});
