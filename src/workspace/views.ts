import { newUuid, sha256 } from '../kernel/ids.ts';
import { withIds } from './blocks/check.ts';
import type { ViewSpec } from './blocks/view.ts';
import { ApiError } from './errors.ts';
import type { View, ViewValues } from './model.ts';
import { initialState } from './viewState.ts';

export type ViewChange =
  | { readonly type: 'view' | 'home'; readonly user: string; readonly view: View }
  | { readonly type: 'view_closed'; readonly user: string; readonly viewId: string };

const MAX_STACK = 3;

/** Modals (at most three on top of one another for a person) and Home tabs. They do not outlive the process. */
export class Views {
  readonly #stacks = new Map<string, View[]>();
  readonly #homes = new Map<string, View>();
  readonly #listeners = new Set<(change: ViewChange) => void>();

  onChange(listener: (change: ViewChange) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The modal a person has in front of them. */
  top(user: string): View | undefined {
    return this.#stacks.get(user)?.at(-1);
  }

  home(user: string): View | undefined {
    return this.#homes.get(user);
  }

  find(idOrExternal: string): View | undefined {
    return [...this.#stacks.values(), [...this.#homes.values()]]
      .flat()
      .find((view) => view.id === idOrExternal || (idOrExternal !== '' && view.externalId === idOrExternal));
  }

  open(user: string, spec: ViewSpec): View {
    this.clear(user);
    return this.#put(user, spec, undefined);
  }

  /** Throws `push_limit_reached` when three modals are open. */
  push(user: string, spec: ViewSpec): View {
    const below = this.top(user);
    if ((this.#stacks.get(user)?.length ?? 0) >= MAX_STACK) throw new ApiError('push_limit_reached');
    return this.#put(user, spec, below);
  }

  /** Replaces a view's content; what the person chose in elements that remain is kept. */
  update(view: View, spec: ViewSpec): View {
    const made = this.#make(view.user, spec, view);
    const next: View = { ...made, id: view.id, rootId: view.rootId, previousId: view.previousId };
    this.replace({ ...next, state: kept(next.state, view.state) });
    return next;
  }

  publish(user: string, spec: ViewSpec): View {
    const existing = this.#homes.get(user);
    const made = this.#make(user, spec, undefined);
    const view = { ...made, id: existing?.id ?? made.id, rootId: existing?.id ?? made.id };
    this.#homes.set(user, view);
    this.#tell({ type: 'home', user, view });
    return view;
  }

  /** Puts back a view with other state or errors. */
  replace(view: View): void {
    if (view.type === 'home') {
      this.#homes.set(view.user, view);
      this.#tell({ type: 'home', user: view.user, view });
      return;
    }
    const stack = this.#stacks.get(view.user) ?? [];
    this.#stacks.set(
      view.user,
      stack.map((other) => (other.id === view.id ? view : other)),
    );
    if (this.top(view.user)?.id === view.id) this.#tell({ type: 'view', user: view.user, view });
  }

  /** Remembers what the person has filled in so far; the page knows it already. */
  keep(view: View): void {
    if (view.type === 'home') this.#homes.set(view.user, view);
    const stack = this.#stacks.get(view.user);
    if (stack === undefined) return;
    this.#stacks.set(
      view.user,
      stack.map((other) => (other.id === view.id ? view : other)),
    );
  }

  /** Closes the topmost modal and shows the one below it, if any. */
  close(view: View): void {
    const stack = (this.#stacks.get(view.user) ?? []).filter((other) => other.id !== view.id);
    this.#stacks.set(view.user, stack);
    this.#tell({ type: 'view_closed', user: view.user, viewId: view.id });
    const below = stack.at(-1);
    if (below !== undefined) this.#tell({ type: 'view', user: view.user, view: below });
  }

  clear(user: string): void {
    const stack = this.#stacks.get(user) ?? [];
    this.#stacks.delete(user);
    for (const view of stack.toReversed()) this.#tell({ type: 'view_closed', user, viewId: view.id });
  }

  #put(user: string, spec: ViewSpec, below: View | undefined): View {
    const view = this.#make(user, spec, below);
    this.#stacks.set(user, [...(this.#stacks.get(user) ?? []), view]);
    this.#tell({ type: 'view', user, view });
    return view;
  }

  #make(user: string, spec: ViewSpec, below: View | undefined): View {
    const id = `V${newUuid().replaceAll('-', '').slice(0, 10).toUpperCase()}`;
    const blocks = withIds(spec.blocks, () => newUuid().slice(0, 5));
    return {
      ...spec,
      id,
      user,
      blocks,
      hash: sha256(newUuid()).slice(0, 16),
      rootId: below?.rootId ?? id,
      previousId: below?.id ?? null,
      errors: {},
      state: initialState(blocks),
    };
  }

  #tell(change: ViewChange): void {
    for (const listener of this.#listeners) listener(change);
  }
}

function kept(fresh: ViewValues, old: ViewValues): ViewValues {
  return Object.fromEntries(
    Object.entries(fresh).map(([blockId, actions]) => [
      blockId,
      Object.fromEntries(
        Object.entries(actions).map(([actionId, state]) => {
          const before = old[blockId]?.[actionId];
          return [actionId, before?.type === state.type ? before : state];
        }),
      ),
    ]),
  );
}
