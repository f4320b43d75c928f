import type { Refusal } from '../src/kernel/errors.ts';
import type { Result } from '../src/kernel/result.ts';

/** What a freeze holds for. */
export interface FreezeScope {
  readonly kind: 'all' | 'environment' | 'cluster' | 'site';
  /** Name of the environment, cluster or site; empty for all. */
  readonly name: string;
}

/** A span in which changes are frozen, declared by a person while Twokey runs. */
export interface Freeze {
  readonly id: string;
  readonly scope: FreezeScope;
  readonly from: Date;
  readonly until: Date;
  readonly reason: string;
  /** Who declared it. */
  readonly by: string;
}

/** The site as freezes see it. */
export interface FreezableSite {
  readonly name: string;
  readonly environment: string;
  readonly cluster: string;
}

/** Whether a freeze of this scope holds for a site. */
export function covers(scope: FreezeScope, site: FreezableSite): boolean {
  switch (scope.kind) {
    case 'all':
      return true;
    case 'environment':
      return scope.name === site.environment;
    case 'cluster':
      return scope.name === site.cluster;
    case 'site':
      return scope.name === site.name;
    default:
      return scope.kind satisfies never;
  }
}

/** `site acme`, `everything`. */
export function scopeInWords(scope: FreezeScope): string {
  return scope.kind === 'all' ? 'everything' : `the ${scope.kind} ${scope.name}`;
}

/** The freezes that people declare. Each change is audited in its own transaction. */
export interface FreezeBook {
  /** Freezes that are not over and not lifted, the oldest first. */
  current(): Promise<readonly Freeze[]>;
  /** Begins a freeze now. */
  begin(freeze: Omit<Freeze, 'id' | 'from'>): Promise<Freeze>;
  /** Ends one before its time. Refuses what `mayLift` refuses, and what is over. */
  lift(id: string, person: string, mayLift: (freeze: Freeze) => Refusal | null): Promise<Result<Freeze, Refusal>>;
}
