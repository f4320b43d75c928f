import { describeFields, tellFields } from '../../estate/diff.ts';
import type { Edit } from '../../estate/edit.ts';
import type { Thing } from '../../estate/thing.ts';

/** What an edit makes of a thing, a sentence or a `field: old → new` each. */
export function describeEdit(before: Thing | null, edit: Edit): string[] {
  if (edit.act === 'remove') return [`the ${edit.kind} ${edit.name} is removed`];
  const { thing } = edit;
  if (edit.act === 'restore') return [`the ${thing.kind} ${thing.name} is back as it was`];
  if (before === null) return [`the ${thing.kind} ${thing.name} is new`, ...tellFields(thing.document)];
  return describeFields(before.document, thing.document);
}
