import { z } from 'zod';
import { describeFields } from '../src/estate/diff.ts';
import { findThing, hashThing, type Thing, type ThingKind } from '../src/estate/thing.ts';
import type { Estate } from '../src/estate/types.ts';
import { canonicalJson } from '../src/kernel/canonical.ts';
import { type Refusal, refusal } from '../src/kernel/errors.ts';
import { err, type Result } from '../src/kernel/result.ts';
import { planEdit } from '../src/operations/estate/plan-edit.ts';
import type { Plan } from '../src/operations/plan.ts';
import type { SettingsFacts } from '../src/operations/settings/facts.ts';
import { planSettings } from '../src/operations/settings/plan-settings.ts';
import { estateOperation } from './contract/command.ts';
import { operationId } from './contract/find-operation.ts';
import { reasonField, reasonText } from './contract/reason.ts';

/** Settings become what they were before an operation, unless somebody has written them since. */
function planSettingsUndo(
  estate: Estate,
  settings: SettingsFacts,
  args: { readonly operation: string; readonly reason?: string },
): Result<Plan, Refusal> {
  const { site, state, wanted, written } = settings;
  if (!wanted || state.version !== written)
    return err(
      refusal(
        'drift',
        `The settings of ${site} have been changed since.`,
        `Take back the later change first, or use \`settings rollback ${site}\`.`,
      ),
    );
  return planSettings(estate, settings, {
    command: 'undo',
    args,
    document: wanted.document,
    // The plan is as risky as what it changes; whoever presses Undo has been asked once already.
    advanced: true,
    why: `undo of operation ${args.operation}${args.reason === undefined ? '' : `: ${args.reason}`}`,
  });
}

/**
 * What a thing becomes when the change from `before` to `after` is taken back; null when it has been changed since. The
 * hosts of a cluster are edited by themselves: they stay as they are now.
 */
function takenBack(before: Thing, after: Thing, now: Thing | null): Thing | null {
  if (before.kind === 'cluster' && after.kind === 'cluster' && now?.kind === 'cluster')
    return canonicalJson(now.document) === canonicalJson(after.document) ? { ...before, hosts: now.hosts } : null;
  return hashThing(now) === hashThing(after) ? before : null;
}

/** What to do after something has been taken back. */
const LOOK: Readonly<Record<ThingKind, (name: string) => string>> = {
  site: (name) => `See how it answers with \`status ${name}\`.`,
  host: (name) => `Check the way there with \`host test ${name}\`.`,
  cluster: (name) => `Look at it with \`cluster show ${name}\`.`,
};

export const command = estateOperation({
  name: 'undo',
  summary: 'Take back an edit of the estate or of settings: they become what they were before that operation.',
  fields: [
    { key: 'operation', label: 'operation', of: 'operation', required: true },
    reasonField('why it is taken back'),
  ],
  risk: 'routine',
  settings: true,
  args: z.strictObject({ operation: operationId, reason: reasonText.exactOptional() }),
  plan: (facts, args) => {
    if (facts.settings) return planSettingsUndo(facts.estate, facts.settings, args);
    const [change] = facts.changes;
    const { before, after } = change ?? { before: null, after: null };
    if (!before || !after)
      return err(
        refusal(
          'not_supported',
          `Operation ${args.operation} is no edit that could be taken back.`,
          'What was added can be removed, and what was removed restored; the card of a redeploy names its way back.',
        ),
      );
    const { kind, name } = after;
    if (
      before.kind === 'host' &&
      after.kind === 'host' &&
      canonicalJson(before.document.host_keys) !== canonicalJson(after.document.host_keys)
    )
      return err(refusal('not_supported', 'A key is not trusted again by an undo.', `Use \`host rekey ${name}\`.`));
    const now = findThing(facts.document, kind, name);
    const thing = takenBack(before, after, now);
    if (thing === null)
      return err(
        refusal(
          'drift',
          `The ${kind} ${name} has been changed since.`,
          `Take back the later change first, or use \`${kind} edit ${name}\`.`,
        ),
      );
    return planEdit(facts, {
      command: 'undo',
      args,
      edit: { act: 'put', before: hashThing(now), thing },
      effects: [
        `Takes back what operation ${args.operation} changed of the ${kind} ${name}:`,
        ...describeFields(after.document, before.document),
        'Only the estate is changed; nothing is run on the host.',
      ],
      next: LOOK[kind](name),
    });
  },
});
