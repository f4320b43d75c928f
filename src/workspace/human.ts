import { sleep } from '../kernel/clock.ts';
import { findByLabel, labels } from './actions.ts';
import type { Core } from './core.ts';
import type { Channel, Message, User, View } from './model.ts';
import { click, clickInView, inThread, openHome, say, slash } from './people.ts';
import type { UiDone, UiMessage, UiView, UiViewDone } from './protocol.ts';
import { takeFile } from './sharedFiles.ts';
import { closeView, submitView } from './submit.ts';
import { channelMessages, seesMessage, threadMessages, uiView } from './uiShapes.ts';
import { type Chosen, elementsOf, textOf } from './viewState.ts';

const POLL_MS = 10;
const DEFAULT_TIMEOUT_MS = 5000;

/** A message or a view to press something in. */
export type Place = { readonly channel: string; readonly ts: string } | { readonly id: string };

/** A person at a keyboard: does what the page lets a person do, over the same code, and nothing else. */
export class Human {
  readonly id: string;
  readonly #core: Core;

  constructor(core: Core, id: string) {
    this.#core = core;
    this.id = id;
  }

  /** Types a slash command, "/ops ...". In a thread Slack refuses it. */
  async slash(line: string, channel = 'operations', options: { readonly thread?: string } = {}): Promise<UiDone> {
    if (options.thread !== undefined) return inThread(line);
    return await slash(this.#core, this.#user, this.#channel(channel), line);
  }

  /** Says something in a channel, or in the thread of the message `thread`. */
  say(text: string, channel = 'operations', thread?: string): UiDone {
    return say(this.#core, this.#user, this.#channel(channel), text, thread);
  }

  /** Top-level messages of a channel as this person sees them, ephemeral ones included, oldest first. "app" = the app's direct messages. */
  sees(channel = 'operations'): UiMessage[] {
    const found = channel === 'app' ? this.#core.store.channels.get(`D${this.id.slice(1)}`) : this.#channel(channel);
    return found === undefined ? [] : channelMessages(this.#core, this.#user, found.id);
  }

  /** A message with its thread, the parent first. */
  thread(channel: string, ts: string): UiMessage[] {
    return threadMessages(this.#core, this.#user, this.#channel(channel).id, ts);
  }

  /**
   * Presses the button, or chooses the menu option, that reads `label`, in a message or a view. A confirm dialog is accepted.
   * Throws when what this person sees holds no such label, or more than one and `nth` (0-based) does not say which.
   */
  async click(label: string, where: { readonly in: Place; readonly nth?: number }): Promise<UiDone> {
    const place = this.#place(where.in);
    const found = findByLabel(place.blocks, label);
    const one = found[where.nth ?? 0];
    if (one === undefined || (found.length > 1 && where.nth === undefined)) {
      throw new Error(
        `${found.length} elements read "${label}"; there is: ${labels(place.blocks).join(' | ') || 'nothing'}`,
      );
    }
    const press = { actionId: one.actionId, blockId: one.blockId, selected: one.selected ?? null };
    return place.message === undefined
      ? await clickInView(this.#core, this.#user, place.view, press)
      : await click(this.#core, this.#user, place.message, press);
  }

  /** Chooses a value (an option's text or value, a person, a date, ...) in the menu whose block_id, action_id or placeholder is `menu`. */
  async choose(menu: string, chosen: Chosen, where: { readonly in: Place }): Promise<UiDone> {
    const place = this.#place(where.in);
    const element = elementsOf(place.blocks).find(
      (one) => one.blockId === menu || one.actionId === menu || textOf(one.element.placeholder) === menu,
    );
    if (element === undefined) throw new Error(`there is no menu "${menu}"`);
    const press = { actionId: element.actionId, blockId: element.blockId, selected: chosen };
    return place.message === undefined
      ? await clickInView(this.#core, this.#user, place.view, press)
      : await click(this.#core, this.#user, place.message, press);
  }

  /** The modal in front of this person. */
  view(): UiView | null {
    const view = this.#core.views.top(this.id);
    return view === undefined ? null : uiView(view);
  }

  /** The Home tab as it stands. */
  home(): UiView | null {
    const view = this.#core.views.home(this.id);
    return view === undefined ? null : uiView(view);
  }

  /** Opens the Home tab; the app hears app_home_opened. */
  async openHome(): Promise<UiDone> {
    return await openHome(this.#core, this.#user);
  }

  /** Fills in and submits the modal. `values` by label (or block_id): a text, an option's text or value, or several. */
  async submit(view: { readonly id: string }, values: Readonly<Record<string, Chosen>> = {}): Promise<UiViewDone> {
    const found = this.#view(view.id);
    const byBlock: Record<string, Chosen> = {};
    for (const [key, chosen] of Object.entries(values)) {
      const block = found.blocks.find((one) => one.block_id === key || textOf(one.label).trim() === key.trim());
      if (block === undefined) {
        const there = found.blocks.map((one) => textOf(one.label)).filter((label) => label !== '');
        throw new Error(`the modal has no field "${key}"; there is: ${there.join(' | ')}`);
      }
      byBlock[String(block.block_id)] = chosen;
    }
    return await submitView(this.#core, this.#user, found, byBlock);
  }

  /** Uploads a file for a form; answers its id, which `submit` takes as the value of the field. */
  async upload(name: string, bytes: Uint8Array): Promise<string> {
    return (await takeFile(this.#core, this.#user, name, bytes)).id;
  }

  /** Dismisses the modal. */
  async close(view: { readonly id: string }): Promise<UiDone> {
    return await closeView(this.#core, this.#user, this.#view(view.id));
  }

  /** Waits until `look` gives something that is neither undefined, null nor false, and returns it. */
  async waitFor<T>(
    look: (human: Human) => T | Promise<T>,
    options: { readonly timeoutMs?: number; readonly what?: string } = {},
  ): Promise<NonNullable<Exclude<T, false>>> {
    const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    const over = AbortSignal.timeout(timeoutMs);
    for (;;) {
      const seen = await look(this);
      if (isSeen(seen)) return seen;
      if (over.aborted)
        throw new Error(`${this.#user.name} waited ${timeoutMs} ms in vain for ${options.what ?? String(look)}`);
      await sleep(POLL_MS);
    }
  }

  get #user(): User {
    const user = this.#core.store.users.get(this.id);
    if (user === undefined) throw new Error(`there is no person ${this.id}`);
    return user;
  }

  #channel(idOrName: string): Channel {
    const channel = this.#core.store.findChannel(idOrName);
    if (channel === undefined) throw new Error(`there is no channel ${idOrName}`);
    return channel;
  }

  #view(id: string): View {
    const view = this.#core.views.find(id);
    if (view === undefined || view.user !== this.id) throw new Error(`${this.#user.name} has no view ${id} open`);
    return view;
  }

  #place(
    place: Place,
  ):
    | { readonly message: Message; readonly blocks: Message['blocks'] }
    | { readonly message: undefined; readonly view: View; readonly blocks: View['blocks'] } {
    if (!('ts' in place)) {
      const view = this.#view(place.id);
      return { message: undefined, view, blocks: view.blocks };
    }
    const message = this.#core.store.message(this.#channel(place.channel).id, place.ts);
    if (message === undefined || !seesMessage(this.#core, this.#user, message)) {
      throw new Error(`${this.#user.name} does not see the message ${place.ts}`);
    }
    return { message, blocks: message.blocks };
  }
}

function isSeen<T>(value: T): value is NonNullable<Exclude<T, false>> {
  return value !== undefined && value !== null && value !== false;
}
