import { regionChange } from '../../estate/data-region.ts';
import { applyEdit, type Edit, subjectOf } from '../../estate/edit.ts';
import { buildEstate } from '../../estate/estate.ts';
import { licenceObjections } from '../../estate/licence.ts';
import { findProfile } from '../../estate/profile-load.ts';
import { type OperationTarget, stricter, targetOfKey } from '../../estate/target.ts';
import { ABSENT, findThing, keyOf } from '../../estate/thing.ts';
import type { Estate, EstateDocument } from '../../estate/types.ts';
import { type Refusal, refusal } from '../../kernel/errors.ts';
import { err, ok, type Result } from '../../kernel/result.ts';
import { hostsOf, type Plan } from '../plan.ts';
import { reasonOf } from '../reason.ts';
import { editStep, readEdit } from './encode.ts';
import type { EstateFacts } from './facts.ts';
import { inUse, runsOn } from './uses.ts';

/** What a command says of the edit that it wants. */
export interface WantedEdit {
  readonly command: string;
  readonly args: Readonly<Record<string, string>>;
  readonly edit: Edit;
  /** What it works on, when that is not the thing itself: a new host is its cluster's matter. */
  readonly on?: string;
  /** Sentences for the approver. */
  readonly effects: readonly string[];
  /** What to do when it is done. */
  readonly next: string;
}

/** The plan of one edit of the estate; refuses what could not be done now. Pure. */
export function planEdit(facts: EstateFacts, wanted: WantedEdit): Result<Plan, Refusal> {
  const { edit, command, args } = wanted;
  const subject = subjectOf(edit);
  const key = wanted.on ?? keyOf(subject.kind, subject.name);
  const objection = allowed(facts.document, edit, facts.uses);
  if (objection) return err(objection);
  const after = applyEdit(facts.document, edit);
  if (!after.ok) return after;
  const profile = chosenProfile(facts, edit);
  if (!profile.ok) return profile;
  const beyond = beyondLicence(facts, edit);
  if (beyond && args.reason === undefined) return err(beyond);
  const crossings = leavesRegion(facts.estate, after.value);
  const target = targetAcross(facts.document, after.value, key);
  if (!target) return err(refusal('internal', `${key} is neither there before nor after the edit`));
  return ok({
    version: 1,
    command,
    args,
    site: key,
    environment: target.environment,
    lock: key,
    steps: [editStep(edit, wanted.next, crossings.length === 0 ? undefined : 'disruptive')],
    cleanup: [],
    effects: [...wanted.effects, ...(beyond ? [beyond.message] : []), ...crossings, ...reasonOf(args)],
  });
}

/** So many sites are named one by one. */
const MOST_TOLD = 5;

/**
 * What an edit lets out of its region, in sentences: such an edit is disruptive, which on production is never without the
 * quorum, and elsewhere asks for one confirmation.
 */
function leavesRegion(before: Estate, after: EstateDocument): readonly string[] {
  const built = buildEstate(after);
  if (!built.ok) return [];
  const all = regionChange(before, built.value).map((crossing) => crossing.why);
  const more = all.length - MOST_TOLD;
  return more > 0 ? [...all.slice(0, MOST_TOLD), `The same holds for ${more} more sites.`] : all;
}

/** A profile that a site is to have from now on has to be one; one that it has already is another's matter. */
function chosenProfile({ document, profiles }: EstateFacts, edit: Edit): Result<unknown, Refusal> {
  if (edit.act !== 'put' || edit.thing.kind !== 'site') return ok(null);
  const { name, document: site } = edit.thing;
  const before = findThing(document, 'site', name);
  if (before?.kind === 'site' && before.document.profile === site.profile) return ok(null);
  return findProfile(profiles, site.profile);
}

/** Why a site that is new, or of another kind from now on, needs a reason: its product's licence is for fewer. */
function beyondLicence({ document, profiles }: EstateFacts, edit: Edit): Refusal | null {
  if (edit.act === 'remove' || edit.thing.kind !== 'site') return null;
  const { cluster, document: site } = edit.thing;
  const [objection] = licenceObjections(
    document,
    { clusters: [{ name: cluster, hosts: [], sites: [site] }] },
    profiles,
  );
  return objection ?? null;
}

/** Why what uses the estate stands against an edit; null when nothing does. */
export function allowed(document: EstateDocument, edit: Edit, uses: EstateFacts['uses']): Refusal | null {
  const { kind, name } = subjectOf(edit);
  if (edit.act === 'remove') return inUse(document, kind, name, uses);
  return edit.act === 'put' && edit.before !== ABSENT ? runsOn(document, kind, name, uses) : null;
}

/** What a recorded plan works on, from the estate as it is now: a site on its hosts, or what its edits are about. Null when it is gone. */
export function targetOfPlan(document: EstateDocument, plan: Plan): OperationTarget | null {
  let after = document;
  for (const step of plan.steps) {
    const edit = readEdit(step);
    const next = edit === null ? null : applyEdit(after, edit);
    if (next?.ok) after = next.value;
  }
  return targetAcross(document, after, plan.site, hostsOf(plan));
}

function targetAcross(
  before: EstateDocument,
  after: EstateDocument,
  key: string,
  hosts: readonly string[] = [],
): OperationTarget | null {
  const [old, fresh] = [before, after].map((one) => {
    const built = buildEstate(one);
    return built.ok ? targetOfKey(built.value, key, hosts) : null;
  });
  return stricter(old ?? null, fresh ?? null);
}
