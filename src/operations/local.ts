import type { SettingsDocument } from '../estate/site-settings.ts';
import type { Thing, ThingKind } from '../estate/thing.ts';
import type { EstateDocument } from '../estate/types.ts';
import type { Refusal } from '../kernel/errors.ts';
import type { Result } from '../kernel/result.ts';
import type { Use } from './estate/book.ts';
import { ESTATE_STEPS } from './estate/steps.ts';
import type { PlannedStep } from './plan.ts';
import type { SettingsState } from './settings/book.ts';
import { SETTINGS_STEPS } from './settings/steps.ts';

/** What a step that Twokey does itself may touch; all of it within the transaction that records the step's outcome. */
export interface LocalTools {
  readonly estate: {
    /** The estate; from here to the end of the transaction nobody else changes it. */
    document(): Promise<EstateDocument>;
    /** What uses the estate, beside the operation itself. */
    uses(): Promise<readonly Use[]>;
    /** Takes a removal back; false when somebody did so before. */
    reopen(removal: string): Promise<boolean>;
    /** Writes, adds or removes one thing; what was removed is kept. */
    write(change: {
      readonly kind: ThingKind;
      readonly name: string;
      readonly before: Thing | null;
      readonly after: Thing | null;
    }): Promise<void>;
  };
  readonly settings: {
    /** What is stored and runs; from here to the end of the transaction nobody else changes a site's settings. */
    hold(site: string): Promise<SettingsState>;
    /** Writes the next version; `pendingRedeploy` says whether it holds only after a redeploy. */
    write(version: {
      readonly site: string;
      readonly version: number;
      readonly document: SettingsDocument;
      readonly pendingRedeploy: boolean;
      readonly why: string;
    }): Promise<void>;
    /** Notes that a redeploy begins to change the site, so that what runs is uncertain until it has succeeded. */
    deploying(site: string): Promise<void>;
    /** Notes that a version was deployed, so that it is what runs; the last word of a redeploy. */
    deployed(site: string, version: number): Promise<void>;
  };
}

/**
 * A low-level step that is no remote job: Twokey does it inside one transaction of its database, together with the row
 * that says how it ended. So it happens exactly once, whoever dies when. A refusal takes back all that it wrote.
 */
export interface LocalStep {
  readonly name: string;
  readonly run: (tools: LocalTools, planned: PlannedStep) => Promise<Result<Readonly<Record<string, string>>, Refusal>>;
}

const byName = new Map([...ESTATE_STEPS, ...SETTINGS_STEPS].map((step) => [step.name, step]));

/** The local step of that name; undefined for the name of a remote one. */
export function localStepByName(name: string): LocalStep | undefined {
  return byName.get(name);
}
