import type { Cover, Duty } from '../estate/duty.ts';
import { didYouMean } from '../kernel/did-you-mean.ts';
import { type Refusal, refusal } from '../kernel/errors.ts';
import { err, ok, type Result } from '../kernel/result.ts';
import { type DutyFacts, type Evidence, evidenceOf } from './duty-evidence.ts';

/** Who took a duty of a site over: a member of the workspace by id, or words. */
export type Owner =
  | { readonly kind: 'person'; readonly id: string }
  | { readonly kind: 'words'; readonly words: string };

export interface OwnedDuty {
  readonly item: string;
  readonly owner: Owner;
  /** Who said so, and when. */
  readonly by: string;
  readonly at: Date;
}

/** Who owns what; every change is audited in its own transaction. */
export interface DutyBook {
  owners(site: string): Promise<readonly OwnedDuty[]>;
  /** Names the owner of an item; answers who it was before, or null. */
  set(site: string, item: string, owner: Owner, by: string): Promise<Owner | null>;
  /** Takes the owner away; answers who it was, or null when there was none. */
  clear(site: string, item: string, by: string): Promise<Owner | null>;
}

/** A duty of a site with who answers for it and how it stands. */
export interface DutyRow {
  readonly duty: Duty;
  readonly owned: OwnedDuty | null;
  /** True when a named owner or the vendor answers for it. A role alone is nobody: somebody has to hold it. */
  readonly hasOwner: boolean;
  readonly evidence: Evidence;
}

const rank = ({ hasOwner, evidence }: DutyRow) => (hasOwner ? 3 : 0) + { bad: 0, unknown: 1, ok: 2 }[evidence.state];

/** Every duty with its owner and its state: what nobody owns first, within that what is bad first. */
export function dutyMatrix(
  duties: readonly Duty[],
  owners: readonly OwnedDuty[],
  facts: DutyFacts,
): readonly DutyRow[] {
  return duties
    .map((duty): DutyRow => {
      const owned = owners.find((one) => one.item === duty.item) ?? null;
      const hasOwner = owned !== null || duty.accountable === 'vendor';
      return { duty, owned, hasOwner, evidence: evidenceOf(duty.evidence, facts) };
    })
    .sort((left, right) => rank(left) - rank(right));
}

/** The duty of that name. Refusal: unknown_duty with the nearest one. */
export function findDuty(duties: readonly Duty[], item: string, site: string): Result<Duty, Refusal> {
  const found = duties.find((one) => one.item === item);
  if (found) return ok(found);
  const near = didYouMean(
    item,
    duties.map((one) => one.item),
  );
  const hint = near === undefined ? '' : ` Did you mean \`${near}\`?`;
  return err(refusal('unknown_duty', `${site} has no duty "${item}".${hint}`, `See \`duties ${site}\` for the items.`));
}

/** `check fs.space (planned)`. */
export function coverInWords({ check, command, schedule, planned }: Cover): string {
  const what =
    check !== undefined
      ? `check ${check}`
      : command !== undefined
        ? `command ${command}`
        : `schedule ${schedule ?? ''}`;
  return planned ? `${what} (planned)` : what;
}
