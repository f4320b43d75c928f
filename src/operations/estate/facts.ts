import { buildEstate } from '../../estate/estate.ts';
import type { HostKey } from '../../estate/host-key.ts';
import type { Profiles } from '../../estate/profile-load.ts';
import type { Estate, EstateDocument, HostDocument } from '../../estate/types.ts';
import { CodedError, type Refusal } from '../../kernel/errors.ts';
import { ok, type Result } from '../../kernel/result.ts';
import type { Plan } from '../plan.ts';
import { gatherSettingsFacts, type SettingsFacts, type SettingsSources } from '../settings/facts.ts';
import type { EstateBook, EstateChange, Removal, Use } from './book.ts';
import type { DialPort } from './dial.ts';

/** What is true of the estate right now, for a command that changes it. */
export interface EstateFacts {
  readonly document: EstateDocument;
  readonly estate: Estate;
  readonly profiles: Profiles;
  readonly removals: readonly Removal[];
  /** What uses the estate, but not the operation itself. */
  readonly uses: readonly Use[];
  /** The key that the host in question presents; null when the command asks for none, or the host has no shell. */
  readonly presented: HostKey | null;
  /** What the operation in question changed; empty when the command names none. */
  readonly changes: readonly EstateChange[];
  /** The settings in question; null when the command is not about settings. */
  readonly settings: SettingsFacts | null;
}

/** Where those facts come from. */
export interface EstateFactsContext extends SettingsSources {
  readonly estateBook: EstateBook;
  readonly dial: DialPort;
}

type Args = Readonly<Record<string, string>>;

/** A command that changes the estate. */
export interface EstatePlannable {
  readonly on: 'estate';
  /** The host whose key has to be looked at before anything is planned; null for none. */
  readonly keyOf?:
    | ((args: Args, facts: Pick<EstateFacts, 'document' | 'estate'>) => Result<HostDocument, Refusal>)
    | undefined;
  /** True when it is about the settings of a site, named or that of the operation in question. */
  readonly settings?: boolean | undefined;
  /** Pure: the same facts and arguments give the same plan. */
  readonly plan: (facts: EstateFacts, args: Args) => Result<Plan, Refusal>;
}

/**
 * Gathers what a change of the estate is planned from. `self` is the operation that is planned again, or null.
 * Refusals: those of dialling a host, when the command asks for its key.
 */
export async function gatherEstateFacts(
  context: EstateFactsContext,
  command: EstatePlannable,
  args: Args,
  self: string | null,
): Promise<Result<EstateFacts, Refusal>> {
  const { estateBook: book, dial, profiles } = context;
  const [document, removals, uses, changes] = await Promise.all([
    book.document(),
    book.removals(),
    book.uses(self),
    args.operation === undefined ? [] : book.changesOf(args.operation),
  ]);
  const built = buildEstate(document);
  if (!built.ok) throw new CodedError(built.error.code, built.error.message);
  const estate = built.value;
  const settings = command.settings ? await gatherSettingsFacts(context, estate, args) : ok(null);
  if (!settings.ok) return settings;
  const facts = { document, estate, profiles, removals, uses, changes, presented: null, settings: settings.value };
  if (command.keyOf === undefined) return ok(facts);
  const host = command.keyOf(args, facts);
  if (!host.ok) return host;
  if (host.value.shell === 'none') return ok(facts);
  const presented = await dial.presentedKey(host.value);
  return presented.ok ? ok({ ...facts, presented: presented.value }) : presented;
}
