import type { Thing, ThingKind } from '../../estate/thing.ts';
import type { EstateDocument } from '../../estate/types.ts';

/** Something that was removed and can be put back. */
export interface Removal {
  readonly id: string;
  readonly thing: Thing;
  readonly removedAt: Date;
  readonly removedBy: string;
}

/** Something that is going to use parts of the estate, or does so now. */
export interface Use {
  /** Key of what it works on. */
  readonly target: string;
  /** Hosts that its steps run on. */
  readonly hosts: readonly string[];
  /** True while something of it may be running on a host. */
  readonly running: boolean;
  /** What it is, for people: `operation 7k3m9q2x (backup acme, awaiting approval)`. */
  readonly words: string;
}

/** One thing that an operation changed; null stands for what was not there. */
export interface EstateChange {
  readonly operation: string;
  readonly before: Thing | null;
  readonly after: Thing | null;
}

/** What the last look at a host said. */
export interface Contact {
  readonly at: Date;
  readonly answered: boolean;
  readonly words: string;
  /** When it last answered, or null if it never did. */
  readonly answeredAt: Date | null;
}

/** The estate as rows, for those who read it. */
export interface EstateBook {
  document(): Promise<EstateDocument>;
  /** What was removed and not put back, the last first. */
  removals(): Promise<readonly Removal[]>;
  /** All that uses the estate but the operation `except`. */
  uses(except: string | null): Promise<readonly Use[]>;
  /** What an operation changed, in order. */
  changesOf(operation: string): Promise<readonly EstateChange[]>;
  /** When a thing was last changed, and by whom; null when no operation did. */
  lastChange(kind: ThingKind, name: string): Promise<{ readonly at: Date; readonly operation: string } | null>;
  contacts(): Promise<ReadonlyMap<string, Contact>>;
  /** Notes what a look at a host said. */
  noteContact(host: string, answered: boolean, words: string): Promise<void>;
}
